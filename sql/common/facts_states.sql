-- The three states with the most orders of each segment, and their shares of its orders. (Olist's customers has a row
-- per order; where it has one per customer, these are customers.)
SELECT "segment", 'States by orders' AS "fact", "item", "orders" / "total" AS "value"
FROM (
    SELECT
        "segment",
        "item",
        "orders",
        SUM("orders") OVER (PARTITION BY "segment") AS "total",
        ROW_NUMBER() OVER (PARTITION BY "segment" ORDER BY "orders" DESC, "item") AS "number"
    FROM (
        SELECT {{ label | identifier }} AS "segment", "customer_state" AS "item", 1.0 * COUNT(*) AS "orders"
        FROM "customers"
        WHERE {{ label | identifier }} IS NOT NULL AND "customer_state" IS NOT NULL
        GROUP BY {{ label | identifier }}, "customer_state"
    ) AS "places"
) AS "ranked"
WHERE "number" <= 3
ORDER BY "segment", "number";
