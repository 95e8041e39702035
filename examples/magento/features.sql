-- The features that customers are compared by, a row for each of them. This file is yours:
-- docs/guides/your-own-tables.md says what it must select, and what it may.
WITH "counted_lines" AS (
    SELECT
        -- 650 rows without customer_id are guests', told apart by sales_order.customer_email. To take it for
        -- all, name it with --customer-column.
        COALESCE(
            NULLIF(CAST("customer_id" AS VARCHAR), '0'),
            NULLIF(LOWER(TRIM("customer_email")), '')
        ) AS "customer",
        "created_at" AS "at",
        -- sales_order.base_total_refunded is what was paid back, and taken off; an order that was paid back as
        -- a whole is none.
        "base_grand_total" - COALESCE("base_total_refunded", 0) AS "amount"
    FROM "sales_order"
    WHERE "created_at" IS NOT NULL
      -- What was paid back as a whole is no order.
      AND (COALESCE("base_total_refunded", 0) = 0 OR "base_total_refunded" < "base_grand_total")
      -- sales_order.state: left out are canceled (82). Counted are complete (1,564), new (90), closed (34).
      -- sales_order.status: left out are canceled (82). Counted are complete (1,564), pending (90), closed
      -- (34).
      AND COALESCE("state", '') NOT IN ('canceled')
      AND COALESCE("status", '') NOT IN ('canceled')
      -- Leave out here what else is no purchase, such as
      --   orders without an account: AND "customer_id" <> the id that they all have
),
"per_customer" AS (
    SELECT
        "customer" AS "customer_unique_id",
        -- Customers who got back more than they paid count as 0: a negative sum has no logarithm.
        GREATEST(COALESCE(SUM("amount"), 0), 0) AS "monetary",
        -- Each row counts as an order. If a row is one line of an order, name the order's column with
        -- --order-column.
        COUNT(*) AS "frequency",
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
