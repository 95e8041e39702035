SELECT
    "column_name" AS "name",
    CASE "data_type"
        WHEN 'character varying' THEN 'VARCHAR'
        WHEN 'character' THEN 'VARCHAR'
        WHEN 'text' THEN 'VARCHAR'
        WHEN 'double precision' THEN 'DOUBLE'
        WHEN 'timestamp without time zone' THEN 'TIMESTAMP'
        WHEN 'numeric' THEN CONCAT('DECIMAL(', "numeric_precision", ',', "numeric_scale", ')')
        ELSE UPPER("data_type")
    END AS "type",
    "is_nullable" AS "nullable",
    "character_maximum_length" AS "max_length",
    "datetime_precision" AS "second_digits",
    "data_type" = 'character' AS "drops_spaces"
FROM information_schema.columns
WHERE "table_schema" = COALESCE(%(schema)s, current_schema())
  AND "table_name" = %(table)s
ORDER BY "ordinal_position";
