-- The features that customers are compared by, a row for each of them. This file is yours:
-- docs/guides/your-own-tables.md says what it must select, and what it may.
WITH "counted_lines" AS (
    SELECT
        CAST("orders"."customer_id" AS VARCHAR) AS "customer",
        "orders"."order_id" AS "order",
        "orders"."order_date" AS "at",
        -- order_details.discount is a share of the price, from 0 to 1, and taken off.
        "order_details"."unit_price" * "order_details"."quantity" * (1 - COALESCE("order_details"."discount", 0)) AS "amount"
    FROM "order_details"
    JOIN "orders"
        ON "orders"."order_id" = "order_details"."order_id"
    WHERE "orders"."order_date" IS NOT NULL
      -- orders.status_id: left out are 4 Cancelled (82), 5 Returned (34). Counted are 3 Delivered (1,564), 1
      -- Ordered (90).
      AND COALESCE(CAST("orders"."status_id" AS VARCHAR), '') NOT IN ('4', '5')
      -- Leave out here what else is no purchase, such as
      --   amounts in other currencies: AND "currency" = 'EUR' (or convert them in "amount", above)
      --   orders without an account: AND "orders"."customer_id" <> the id that they all have
),
"per_customer" AS (
    SELECT
        "customer" AS "customer_unique_id",
        -- Customers who got back more than they paid count as 0: a negative sum has no logarithm.
        GREATEST(COALESCE(SUM("amount"), 0), 0) AS "monetary",
        -- An order counts once, however many amounts it has: orders.order_id tells them apart.
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
