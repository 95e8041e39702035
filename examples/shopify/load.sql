-- The tables that the files fill, with types that all values had when they were looked at. Nothing is guessed at night:
-- what is written otherwise is refused by file, line and column. This file is yours; docs/reference/types.md has all
-- types.
CREATE TABLE "orders_export" (
    "Name" VARCHAR,
    "Email" VARCHAR,
    "Financial Status" VARCHAR,
    -- times with an offset are stored in UTC
    "Paid at" TIMESTAMP,
    "Fulfillment Status" VARCHAR,
    -- no record has a value
    "Fulfilled at" VARCHAR,
    "Accepts Marketing" VARCHAR,
    "Currency" VARCHAR,
    "Subtotal" DECIMAL(18,2),
    "Shipping" DECIMAL(18,2),
    "Taxes" DECIMAL(18,2),
    "Total" DECIMAL(18,2),
    -- no record has a value
    "Discount Code" VARCHAR,
    "Discount Amount" DECIMAL(18,2),
    -- no record has a value
    "Shipping Method" VARCHAR,
    -- times with an offset are stored in UTC
    "Created at" TIMESTAMP,
    "Lineitem quantity" BIGINT,
    "Lineitem name" VARCHAR,
    "Lineitem price" DECIMAL(18,2),
    "Lineitem sku" VARCHAR,
    "Billing Name" VARCHAR,
    "Billing City" VARCHAR,
    "Billing Country" VARCHAR,
    -- times with an offset are stored in UTC
    "Cancelled at" TIMESTAMP,
    "Payment Method" VARCHAR,
    "Refunded Amount" DECIMAL(18,2),
    "Id" BIGINT,
    "Source" VARCHAR
);
