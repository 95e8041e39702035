SELECT DISTINCT "customer_unique_id"
FROM "touched_customers"
WHERE "customer_unique_id" IS NOT NULL
LIMIT {{ limit }};
