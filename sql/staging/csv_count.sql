SELECT COUNT(*) AS "records", COUNT(*) FILTER ("#refused") AS "refused"
FROM read_parquet({{ file.path | text }});
