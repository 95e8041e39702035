SELECT
    "column_name" AS "name",
    CASE
        WHEN "column_type" = 'tinyint(1)' THEN "column_type"
        WHEN "data_type" IN ('float', 'double') AND "numeric_scale" IS NOT NULL THEN CONCAT("data_type", '(m,d)')
        WHEN LOCATE(' unsigned', "column_type") > 0 THEN CONCAT("data_type", ' unsigned')
        -- MariaDB's JSON is a LONGTEXT with a CHECK.
        /*M! WHEN "data_type" = 'longtext' AND EXISTS (
            SELECT 1
            FROM information_schema.check_constraints AS "check"
            WHERE "check"."constraint_schema" = "columns"."table_schema"
              AND "check"."table_name" = "columns"."table_name"
              AND "check"."constraint_name" = "columns"."column_name"
              AND LOCATE('json_valid(', "check"."check_clause") = 1
        ) THEN 'json' */
        ELSE "data_type"
    END AS "kind",
    "column_type" AS "declared",
    "is_nullable" AS "nullable",
    CASE
        WHEN RIGHT("data_type", 4) <> 'text' OR LEFT("character_set_name", 4) <> 'utf8' THEN "character_maximum_length"
    END AS "max_length",
    CASE
        WHEN RIGHT("data_type", 4) = 'text' AND LEFT("character_set_name", 4) = 'utf8' THEN "character_maximum_length"
    END AS "max_bytes",
    "numeric_precision" AS "precision",
    "numeric_scale" AS "scale",
    "datetime_precision" AS "second_digits",
    CASE "data_type" WHEN 'enum' THEN "column_type" END AS "words",
    RIGHT("collation_name", 4) <> '_bin' AS "loose",
    COALESCE("generation_expression", '') <> '' AS "generated"
FROM information_schema.columns AS "columns"
WHERE "table_schema" = COALESCE(%(schema)s, DATABASE())
  AND "table_name" = %(table)s
  AND "extra" NOT LIKE '%%INVISIBLE%%'  -- as the key that sql_generate_invisible_primary_key makes
ORDER BY "ordinal_position";
