DELETE FROM {{ table | identifier }}
WHERE EXISTS (
    SELECT 1
    FROM "erased_records"
    WHERE {{ ["run_id", "table_name", "file_name", "line"] | pairs("erased_records", table) }}
);
