-- The features that customers are compared by, a row for each of them. This file is yours:
-- docs/guides/your-own-tables.md says what it must select, and what it may.
WITH "counted_lines" AS (
    SELECT
        -- online_retail.CustomerID is text: ids with decimals, as in 17850.0.
        CAST(regexp_replace("CustomerID", '[.]0+$', '') AS VARCHAR) AS "customer",
        NULLIF("InvoiceNo", '') AS "order",
        "InvoiceDate" AS "at",
        "UnitPrice" * "Quantity" AS "amount"
    FROM "online_retail"
    WHERE "InvoiceDate" IS NOT NULL
      -- Leave out here what else is no purchase, such as
      --   cancelled orders: AND "status" <> 'cancelled'
      --   amounts in other currencies: AND "currency" = 'EUR' (or convert them in "amount", above)
      --   orders without an account: AND "CustomerID" <> the id that they all have
),
"per_customer" AS (
    SELECT
        "customer" AS "customer_unique_id",
        -- Customers who got back more than they paid count as 0: a negative sum has no logarithm.
        GREATEST(COALESCE(SUM("amount"), 0), 0) AS "monetary",
        -- An order counts once, however many lines it has: online_retail.InvoiceNo tells them apart.
        -- 143 lines have a negative amount, such as those of C501013: refunds, or cancelled invoices. They
        -- lower what the customer has spent, and are no orders.
        COUNT(DISTINCT CASE WHEN "amount" < 0 THEN NULL ELSE "order" END) AS "frequency",
        MIN(CASE WHEN "amount" < 0 THEN NULL ELSE "at" END) AS "first_order_at",
        MAX(CASE WHEN "amount" < 0 THEN NULL ELSE "at" END) AS "last_order_at",
        COUNT(DISTINCT CASE WHEN "amount" < 0 THEN NULL ELSE CAST("at" AS DATE) END) AS "order_days"
    FROM "counted_lines"
    WHERE "customer" <> '' -- Nor NULL: what is nobody's is left out.
    GROUP BY "customer"
)
SELECT
    "customer_unique_id",
    "monetary",
    "frequency",
    -- Days up to the last order in the data.
    CAST((SELECT MAX("last_order_at") FROM "per_customer") AS DATE) - CAST("last_order_at" AS DATE) AS "recency_days",
    "first_order_at",
    "last_order_at",
    "order_days"
FROM "per_customer"
-- Not those of whom there are refunds alone.
WHERE "frequency" > 0
