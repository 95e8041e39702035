-- How many rows get other values in columns that refer to other tables.
SELECT COUNT(*) AS "rows"
FROM {{ file.comparison.vanished }} AS "before"
JOIN read_parquet({{ file.path | text }}) AS "now" ON {{ file.key | pairs("before", "now") }}
WHERE ({{ columns | names("before") }}) IS DISTINCT FROM ({{ columns | names("now") }});
