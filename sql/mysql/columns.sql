SELECT
    "column_name" AS "name",
    CASE "data_type"
        WHEN 'varchar' THEN 'VARCHAR'
        WHEN 'char' THEN 'VARCHAR'
        WHEN 'text' THEN 'VARCHAR'
        WHEN 'mediumtext' THEN 'VARCHAR'
        WHEN 'longtext' THEN 'VARCHAR'
        WHEN 'int' THEN 'INTEGER'
        WHEN 'datetime' THEN 'TIMESTAMP'
        WHEN 'decimal' THEN CONCAT('DECIMAL(', "numeric_precision", ',', "numeric_scale", ')')
        ELSE UPPER("data_type")
    END AS "type",
    "is_nullable" AS "nullable",
    "character_maximum_length" AS "max_length",
    "datetime_precision" AS "second_digits",
    "data_type" = 'char' AS "drops_spaces"
FROM information_schema.columns
WHERE "table_schema" = COALESCE(%(schema)s, DATABASE())
  AND "table_name" = %(table)s
  AND "extra" NOT LIKE '%%INVISIBLE%%'  -- as the key that sql_generate_invisible_primary_key makes
ORDER BY "ordinal_position";
