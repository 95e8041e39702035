SELECT 1 AS "written_back"
FROM {{ target.name | identifier }}
WHERE {{ target.column | identifier }} IS NOT NULL
LIMIT 1;
