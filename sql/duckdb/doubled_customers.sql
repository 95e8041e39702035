-- DuckDB, where the rows before were deleted in the same transaction, finds a key that is there twice at the COMMIT alone.
SELECT "customer_unique_id" AS "customer", COUNT(*) AS "rows"
FROM {{ customer_features }}
GROUP BY "customer_unique_id"
HAVING COUNT(*) > 1
ORDER BY "customer_unique_id"
LIMIT 1;
