-- Some of a column's texts: those that differ in more than their digits, and of these the least and the greatest.
SELECT DISTINCT unnest([MIN({{ column | identifier }}), MAX({{ column | identifier }})]) AS "value"
FROM read_parquet({{ file.path | text }})
WHERE {{ column | identifier }} IS NOT NULL
GROUP BY regexp_replace({{ column | identifier }}, '[0-9]', '0', 'g')
LIMIT 2000;
