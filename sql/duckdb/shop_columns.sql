SELECT
    "table_schema" AS "schema",
    "table_schema" = current_schema() AS "here",
    "table_name" AS "table",
    "column_name" AS "name",
    "data_type" AS "type",
    CASE
        WHEN regexp_matches("data_type", '^(FLOAT|DOUBLE|DECIMAL\([0-9,]+\))$') THEN 'decimal'
        WHEN regexp_matches("data_type", '^U?((TINY|SMALL|BIG|HUGE)INT|INTEGER)$') THEN 'whole'
        WHEN regexp_matches("data_type", '^(DATE|TIMESTAMP(_S|_MS|_NS| WITH TIME ZONE)?)$') THEN 'date'
        WHEN "data_type" = 'VARCHAR' THEN 'text'
        ELSE 'other'
    END AS "kind",
    TRUE AS "offered"
FROM information_schema.columns
WHERE "table_catalog" = current_database()
ORDER BY "here" DESC, "table_schema", "table_name", "ordinal_position";
