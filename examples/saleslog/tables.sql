CREATE TABLE online_retail (
    "InvoiceNo" VARCHAR(80),
    "StockCode" VARCHAR(80),
    "Description" VARCHAR(80),
    "Quantity" VARCHAR(80),
    "InvoiceDate" VARCHAR(80),
    "UnitPrice" VARCHAR(80),
    "CustomerID" VARCHAR(80),
    "Country" VARCHAR(80)
);
