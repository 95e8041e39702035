-- The last load of each table, the last one last; "checksum": of the rows that it left, NULL where that is not known.
SELECT "table_name", "run_id", "fingerprint", "records", "rejected", "table_rows", "checksum"
FROM {{ loaded_files }}
ORDER BY "loaded_at";
