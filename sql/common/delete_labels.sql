DELETE FROM {{ customer_segments }}
WHERE NOT EXISTS (
    SELECT 1
    FROM "new_labels"
    WHERE "new_labels"."customer_unique_id" = {{ customer_segments }}."customer_unique_id"
);
