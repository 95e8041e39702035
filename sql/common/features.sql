-- One row per person. customer_id is new for every order; customer_unique_id is the person.
WITH "order_payment" AS (
    -- An order can have several payments: summed first, so that no order is counted twice.
    SELECT "order_id", SUM("payment_value") AS "paid"
    FROM "order_payments"
    GROUP BY "order_id"
)
SELECT
    "customers"."customer_unique_id",
    COALESCE(SUM("order_payment"."paid"), 0) AS "monetary",
    COUNT(*) AS "frequency",
    CAST((SELECT MAX("order_purchase_timestamp") FROM "orders") AS DATE)
        - CAST(MAX("orders"."order_purchase_timestamp") AS DATE) AS "recency_days",
    MIN("orders"."order_purchase_timestamp") AS "first_order_at",
    MAX("orders"."order_purchase_timestamp") AS "last_order_at",
    COUNT(DISTINCT CAST("orders"."order_purchase_timestamp" AS DATE)) AS "order_days"
FROM "orders"
JOIN "customers" ON "customers"."customer_id" = "orders"."customer_id"
LEFT JOIN "order_payment" ON "order_payment"."order_id" = "orders"."order_id"
WHERE "orders"."order_status" NOT IN ('canceled', 'unavailable')
GROUP BY "customers"."customer_unique_id"
