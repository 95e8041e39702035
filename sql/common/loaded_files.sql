SELECT "table_name", "fingerprint", "records", "loaded", "rejected", "table_rows"
FROM {{ loaded_files }};
