SELECT 1 AS "found"
FROM {{ write_back.table | identifier }}
WHERE {{ write_back.column | identifier }} IS NOT NULL
LIMIT 1;
