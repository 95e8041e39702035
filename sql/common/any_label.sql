SELECT 1 AS "found"
FROM "customer_segments"
LIMIT 1;
