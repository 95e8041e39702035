{% from "same_key.sql" import same_key %}
SELECT COUNT(*) AS "rows"
FROM {{ table.name | identifier }} AS "there"
JOIN read_parquet({{ file.path | text }}) AS "staged"
    ON {{ same_key(table, "staged", "there") | trim }};
