SELECT 1 AS "labelled"
FROM {{ customer_segments }}
LIMIT 1;
