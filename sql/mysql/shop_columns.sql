-- What the user may not read is not in information_schema.
SELECT
    "table_schema" AS "schema",
    "table_schema" = DATABASE() AS "here",
    "table_name" AS "table",
    "column_name" AS "name",
    "column_type" AS "type",
    CASE
        WHEN "data_type" IN ('decimal', 'float', 'double') THEN 'decimal'
        WHEN "data_type" IN ('tinyint', 'smallint', 'mediumint', 'int', 'bigint') THEN 'whole'
        WHEN "data_type" IN ('date', 'datetime', 'timestamp') THEN 'date'
        WHEN "data_type" IN ('char', 'varchar', 'tinytext', 'text', 'mediumtext', 'longtext') THEN 'text'
        ELSE 'other'
    END AS "kind",
    "table_schema" = DATABASE() AS "offered"
FROM information_schema.columns
WHERE "table_schema" NOT IN ('information_schema', 'mysql', 'performance_schema', 'sys')
ORDER BY "here" DESC, "table_schema", "table_name", "ordinal_position";
