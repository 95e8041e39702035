SELECT
    (SELECT COUNT(*) FROM read_parquet({{ file.path | text }})) AS "records",
    (SELECT COUNT(*) FROM read_parquet({{ file.path | text }}) WHERE "#refused") AS "refused",
    (SELECT COUNT(DISTINCT "line") FROM reject_errors) AS "broken";
