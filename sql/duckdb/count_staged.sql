SELECT COUNT(*) AS "rows"
FROM {{ table.name | identifier }} AS "there"
JOIN read_parquet({{ file.path | text }}) AS "staged" ON {{ table.keys.primary | pairs("staged", "there") }};
