-- The last ones: of a table that records are added to, there is a file a night.
SELECT *
FROM (
    SELECT "table_name", "file_name", "records", "loaded", "rejected", "table_rows", "run_id", "loaded_at"
    FROM {{ loaded_files }}
    ORDER BY "loaded_at" DESC, "table_name"
    LIMIT 100
) AS "last"
ORDER BY "table_name", "loaded_at";
