-- The tables that the files fill, with the types that all values have at the moment. Nothing is guessed at night: a value
-- that is written otherwise is refused by file, line and column. This file is yours: docs/reference/types.md has the types.
CREATE TABLE "online_retail" (
    "InvoiceNo" VARCHAR,
    "StockCode" BIGINT,
    "Description" VARCHAR,
    "Quantity" BIGINT,
    "InvoiceDate" TIMESTAMP,
    "UnitPrice" DECIMAL(18,2),
    -- ids that a spreadsheet or pandas has given a .0
    "CustomerID" VARCHAR,
    "Country" VARCHAR
);
