SELECT "table_name", "file_name", "records", "loaded", "rejected", "table_rows", "run_id", "loaded_at"
FROM {{ loaded_files }}
ORDER BY "table_name"
LIMIT 100;
