-- The tables that the files fill, with types that all values had when they were looked at. Nothing is guessed at night:
-- what is written otherwise is refused by file, line and column. This file is yours; docs/reference/types.md has all
-- types.
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
