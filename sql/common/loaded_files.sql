SELECT "table_name", "fingerprint", "records", "loaded", "rejected", "table_rows"
FROM {{ loaded_files }}
ORDER BY "loaded_at";
