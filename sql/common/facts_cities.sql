-- The three cities with the most customers of each segment, and the share of its customers who live there.
SELECT "segment", 'Cities' AS "fact", "item", "customers" / "total" AS "value"
FROM (
    SELECT
        "segment",
        "item",
        "customers",
        SUM("customers") OVER (PARTITION BY "segment") AS "total",
        ROW_NUMBER() OVER (PARTITION BY "segment" ORDER BY "customers" DESC, "item") AS "number"
    FROM (
        SELECT
            {{ customer_segments }}."segment",
            "customers"."customer_city" AS "item",
            1.0 * COUNT(DISTINCT "customers"."customer_unique_id") AS "customers"
        FROM "customers"
        JOIN {{ customer_segments }} ON {{ customer_segments }}."customer_unique_id" = "customers"."customer_unique_id"
        WHERE "customers"."customer_city" IS NOT NULL
        GROUP BY {{ customer_segments }}."segment", "customers"."customer_city"
    ) AS "places"
) AS "ranked"
WHERE "number" <= 3
ORDER BY "segment", "number";
