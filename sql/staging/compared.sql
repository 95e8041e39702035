-- How many records there are, how many of them last night's file had, and how many it had had once.
SELECT
    COUNT(*) AS "records",
    COUNT(*) FILTER ("#known") AS "known",
    COUNT(DISTINCT "#hash") FILTER ("#known") AS "different",
    (SELECT COUNT(*) FROM {{ file.comparison.known }}) AS "last_night"
FROM read_parquet({{ file.comparison.path | text }});
