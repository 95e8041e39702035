DELETE FROM {{ customer_segments }}
WHERE "customer_unique_id" IN (
    SELECT "customer_unique_id"
    FROM "changed_labels"
    WHERE "to_segment" IS NULL
);
