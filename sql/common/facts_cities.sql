-- The three cities with the most orders of each segment, and their shares of its orders; see facts_states.sql.
SELECT "segment", 'Cities by orders' AS "fact", "item", "orders" / "total" AS "value"
FROM (
    SELECT
        "segment",
        "item",
        "orders",
        SUM("orders") OVER (PARTITION BY "segment") AS "total",
        ROW_NUMBER() OVER (PARTITION BY "segment" ORDER BY "orders" DESC, "item") AS "number"
    FROM (
        SELECT {{ label | identifier }} AS "segment", "customer_city" AS "item", 1.0 * COUNT(*) AS "orders"
        FROM "customers"
        WHERE {{ label | identifier }} IS NOT NULL AND "customer_city" IS NOT NULL
        GROUP BY {{ label | identifier }}, "customer_city"
    ) AS "places"
) AS "ranked"
WHERE "number" <= 3
ORDER BY "segment", "number";
