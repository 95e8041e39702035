SELECT COUNT(*) AS "customers", MIN("customer_unique_id") AS "example"
FROM "#changed"
WHERE NOT EXISTS (
    SELECT 1
    FROM "touched_customers"
    WHERE "touched_customers"."customer_unique_id" = "#changed"."customer_unique_id"
);
