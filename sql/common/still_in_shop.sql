-- How many of the customers to be forgotten the shop's own tables have.
SELECT COUNT(*) AS "customers"
FROM "erased_customers"
WHERE "customer_unique_id" IN (
    SELECT {{ as_text('"customer_unique_id"') }}
    FROM {{ customer_features }}
);
