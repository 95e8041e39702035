-- The features that customers are compared by, a row for each of them. This file is yours:
-- docs/guides/your-own-tables.md says what it must select, and what it may.
WITH "counted_lines" AS (
    SELECT
        LOWER(TRIM("Email")) AS "customer",
        NULLIF("Name", '') AS "order",
        "Created at" AS "at",
        -- orders_export.Refunded Amount is what was paid back, and taken off; an order that was paid back as a
        -- whole is none.
        "Total" - COALESCE("Refunded Amount", 0) AS "amount"
    FROM "orders_export"
    WHERE "Created at" IS NOT NULL
      -- Other lines of an order are without its amount.
      AND "Total" - COALESCE("Refunded Amount", 0) IS NOT NULL
      -- What was paid back as a whole is no order.
      AND (COALESCE("Refunded Amount", 0) = 0 OR "Refunded Amount" < "Total")
      -- orders_export.Financial Status: left out are voided (82), refunded (34). Counted are paid (1,635),
      -- partially_refunded (19).
      AND COALESCE("Financial Status", '') NOT IN ('voided', 'refunded')
      AND "Cancelled at" IS NULL
      -- Leave out here what else is no purchase, such as
      --   orders without an account: AND "Email" <> the id that they all have
),
"per_customer" AS (
    SELECT
        "customer" AS "customer_unique_id",
        -- Customers who got back more than they paid count as 0: a negative sum has no logarithm.
        GREATEST(COALESCE(SUM("amount"), 0), 0) AS "monetary",
        -- An order counts once, however many lines it has: orders_export.Name tells them apart.
        COUNT(DISTINCT "order") AS "frequency",
        MIN("at") AS "first_order_at",
        MAX("at") AS "last_order_at",
        COUNT(DISTINCT CAST("at" AS DATE)) AS "order_days"
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
