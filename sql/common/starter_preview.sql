-- What the features add up to.
WITH "features" AS (
{{ features_sql }}
)
SELECT
    COUNT(*) AS "customers",
    SUM("frequency") AS "orders",
    SUM("monetary") AS "revenue",
    MAX("monetary") AS "largest",
    MIN("first_order_at") AS "first_day",
    MAX("last_order_at") AS "last_day",
    (SELECT "customer_unique_id" FROM "features" ORDER BY "monetary" DESC, "customer_unique_id" LIMIT 1) AS "customer"
FROM "features";
