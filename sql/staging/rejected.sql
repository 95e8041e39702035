SELECT COUNT(*) AS "problems", COUNT(DISTINCT "record") AS "records"
FROM "rejects"
WHERE "table" = {{ table | text }};
