DELETE FROM "customer_segments"
WHERE NOT EXISTS (
    SELECT 1
    FROM "customer_features"
    WHERE "customer_features"."customer_unique_id" = "customer_segments"."customer_unique_id"
);
