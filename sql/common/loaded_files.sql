SELECT "table_name", "file_name", "fingerprint", "loaded"
FROM "loaded_files";
