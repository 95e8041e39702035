DELETE FROM {{ table | identifier }}
WHERE "customer_unique_id" IN (SELECT "customer_unique_id" FROM "erased_customers");
