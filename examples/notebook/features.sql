-- The features of a well-known notebook on Olist's data, mistakes and all; README.md has the numbers.
-- A row is a customer_id, and Olist gives a new one with every order: these are orders, not persons.
-- "frequency" counts payments: the most frequent "customer" is one order paid in 26 parts, 25 of them vouchers.
-- "normalized_frequency" is that times the order's age, as a share of the whole period: an old order looks frequent.
-- The last line drops those who spend most.
--
-- DuckDB, PostgreSQL, MySQL and MariaDB run the same text. They have no function in common for the time between two
-- timestamps, but all have EXTRACT: day_number counts the days from 1901 to 2099 without a gap.
WITH "purchase" AS (
    SELECT
        "order_id",
        "customer_id",
        "order_status",
        367 * EXTRACT(YEAR FROM "order_purchase_timestamp")
            - FLOOR(7 * (
                EXTRACT(YEAR FROM "order_purchase_timestamp")
                + FLOOR((EXTRACT(MONTH FROM "order_purchase_timestamp") + 9) / 12)
            ) / 4)
            + FLOOR(275 * EXTRACT(MONTH FROM "order_purchase_timestamp") / 9)
            + EXTRACT(DAY FROM "order_purchase_timestamp") AS "day_number",
        3600 * EXTRACT(HOUR FROM "order_purchase_timestamp")
            + 60 * EXTRACT(MINUTE FROM "order_purchase_timestamp")
            + FLOOR(EXTRACT(SECOND FROM "order_purchase_timestamp")) AS "second_of_day"
    FROM "orders"
),
"customer" AS (
    -- LEFT JOIN and COUNT(*): an order without a payment counts as one payment of nothing, as it did in the notebook.
    SELECT
        "purchase"."customer_id",
        COALESCE(SUM("order_payments"."payment_value"), 0) AS "monetary",
        COUNT(*) AS "frequency",
        MAX("purchase"."day_number") AS "last_day",
        MIN(86400 * "purchase"."day_number" + "purchase"."second_of_day") AS "first_second",
        MAX(86400 * "purchase"."day_number" + "purchase"."second_of_day") AS "last_second"
    FROM "purchase"
    LEFT JOIN "order_payments" ON "order_payments"."order_id" = "purchase"."order_id"
    WHERE "purchase"."order_status" IN ('delivered', 'approved', 'created')
    GROUP BY "purchase"."customer_id"
),
"scored" AS (
    -- COS(0) is 1 as a double: the four have no CAST to double in common.
    SELECT
        "customer"."customer_id",
        "customer"."monetary",
        "customer"."frequency",
        "customer"."last_day",
        COS(0) * "customer"."frequency" * ("period"."last_second" - "customer"."first_second")
            / ("period"."last_second" - "period"."first_second") AS "normalized_frequency"
    FROM "customer"
    CROSS JOIN (
        SELECT MIN("first_second") AS "first_second", MAX("last_second") AS "last_second"
        FROM "customer"
    ) AS "period"
)
SELECT
    "customer_id" AS "customer_unique_id",
    "monetary",
    "frequency",
    CAST((SELECT MAX("day_number") FROM "purchase") - "last_day" AS DECIMAL(10, 0)) AS "recency_days",
    "normalized_frequency"
FROM "scored"
WHERE "normalized_frequency" <= 1.18 AND "monetary" <= 400
