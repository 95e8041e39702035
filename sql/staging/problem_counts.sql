SELECT "kind", "column", COUNT(*) AS "problems"
FROM "rejects"
WHERE "table" = {{ table | text }}
GROUP BY "kind", "column";
