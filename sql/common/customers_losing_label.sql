-- Customers who will be in no segment any more.
SELECT "segment" AS "from_segment", COUNT(*) AS "customers"
FROM {{ customer_segments }}
WHERE NOT EXISTS (
    SELECT 1
    FROM "new_labels"
    WHERE "new_labels"."customer_unique_id" = {{ customer_segments }}."customer_unique_id"
)
GROUP BY "segment"
ORDER BY "segment";
