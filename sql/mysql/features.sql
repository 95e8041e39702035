-- One row per person. customer_id is new for every order; customer_unique_id is the person.
-- An order can have several payments, and so several rows here: it is counted once. MySQL joins by hash where it may
-- use no index, which is far faster than to sum the payments up by order first.
SELECT
    "customers"."customer_unique_id",
    COALESCE(SUM("order_payments"."payment_value"), 0) AS "monetary",
    COUNT(DISTINCT "orders"."order_id") AS "frequency",
    DATEDIFF(
        (SELECT MAX("order_purchase_timestamp") FROM "orders"), MAX("orders"."order_purchase_timestamp")
    ) AS "recency_days",
    MIN("orders"."order_purchase_timestamp") AS "first_order_at",
    MAX("orders"."order_purchase_timestamp") AS "last_order_at",
    COUNT(DISTINCT CAST("orders"."order_purchase_timestamp" AS DATE)) AS "order_days"
FROM "orders" /*!80020 USE INDEX () */
JOIN "customers" /*!80020 USE INDEX () */ ON "customers"."customer_id" = "orders"."customer_id"
LEFT JOIN "order_payments" /*!80020 USE INDEX () */ ON "order_payments"."order_id" = "orders"."order_id"
WHERE "orders"."order_status" NOT IN ('canceled', 'unavailable')
GROUP BY "customers"."customer_unique_id"
