SELECT "table_name", "file_name", "run_id", "fingerprint", "records", "loaded", "rejected", "table_rows"
FROM {{ loaded_files }}
ORDER BY "loaded_at";
