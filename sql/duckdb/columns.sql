WITH "text_length" AS (
    SELECT
        "constraint_column_names"[1] AS "column_name",
        TRY_CAST(regexp_extract("constraint_text", 'length.*<= ([0-9]+)', 1) AS INTEGER) AS "max_length"
    FROM duckdb_constraints()
    WHERE "constraint_type" = 'CHECK'
      AND "schema_name" = COALESCE(%(schema)s, current_schema())
      AND "table_name" = %(table)s
      AND regexp_matches("constraint_text", '^CHECK.*length.*<= [0-9]+')
)
SELECT
    "columns"."column_name" AS "name",
    CASE
        WHEN ends_with("data_type", ']') THEN 'LIST'
        ELSE regexp_replace("data_type", '[(].*', '', 's')
    END AS "kind",
    "data_type" AS "declared",
    "columns"."is_nullable" AS "nullable",
    "text_length"."max_length",
    NULL AS "max_bytes",
    "columns"."numeric_precision" AS "precision",
    "columns"."numeric_scale" AS "scale",
    CASE "data_type" WHEN 'TIMESTAMP_S' THEN 0 WHEN 'TIMESTAMP_MS' THEN 3 WHEN 'TIMESTAMP_NS' THEN 9 END
        AS "second_digits",
    CASE WHEN starts_with("data_type", 'ENUM(') THEN "data_type" END AS "words",
    false AS "loose",  -- keys are compared byte by byte, whatever a column's collation
    "columns"."is_generated" = 'ALWAYS' AS "generated"
FROM information_schema.columns AS "columns"
LEFT JOIN "text_length" ON "text_length"."column_name" = "columns"."column_name"
WHERE "columns"."table_schema" = COALESCE(%(schema)s, current_schema())
  AND "columns"."table_name" = %(table)s
ORDER BY "columns"."ordinal_position";
