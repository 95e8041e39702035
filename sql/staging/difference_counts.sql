SELECT
    (SELECT COUNT(*) FROM read_parquet({{ file.path | text }})) AS "new",
    (SELECT COUNT(*) FROM {{ file.comparison.vanished }}) AS "vanished";
