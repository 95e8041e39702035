-- One row per person. customer_id is new for every order; customer_unique_id is the person.
-- An order can have several payments: they are summed first, so that no order is counted twice. The sums are grouped by
-- the person, too: where only some customers are asked for, no other's payments are read.
WITH "order" AS (
    SELECT
        "customers"."customer_unique_id",
        MAX("orders"."order_purchase_timestamp") AS "ordered_at",
        SUM("order_payments"."payment_value") AS "paid"
    FROM "orders"
    JOIN "customers" ON "customers"."customer_id" = "orders"."customer_id"
    LEFT JOIN "order_payments" ON "order_payments"."order_id" = "orders"."order_id"
    WHERE "orders"."order_status" NOT IN ('canceled', 'unavailable')
    GROUP BY "customers"."customer_unique_id", "orders"."order_id"
)
SELECT
    "customer_unique_id",
    COALESCE(SUM("paid"), 0) AS "monetary",
    COUNT(*) AS "frequency",
    CAST((SELECT MAX("order_purchase_timestamp") FROM "orders") AS DATE) - CAST(MAX("ordered_at") AS DATE)
        AS "recency_days",
    MIN("ordered_at") AS "first_order_at",
    MAX("ordered_at") AS "last_order_at",
    COUNT(DISTINCT CAST("ordered_at" AS DATE)) AS "order_days"
FROM "order"
GROUP BY "customer_unique_id"
