SELECT 1 AS "written_back"
FROM {{ write_back.name | identifier }}
WHERE {{ write_back.column | identifier }} IS NOT NULL
LIMIT 1;
