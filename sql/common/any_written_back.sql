SELECT 1 AS "found"
FROM {{ write_back.name | identifier }}
WHERE {{ write_back.column | identifier }} IS NOT NULL
LIMIT 1;
