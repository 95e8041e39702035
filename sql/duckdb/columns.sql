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
    "columns"."data_type" AS "type",
    "columns"."is_nullable" AS "nullable",
    "text_length"."max_length",
    NULL AS "second_digits",
    false AS "drops_spaces"
FROM information_schema.columns AS "columns"
LEFT JOIN "text_length" ON "text_length"."column_name" = "columns"."column_name"
WHERE "columns"."table_schema" = COALESCE(%(schema)s, current_schema())
  AND "columns"."table_name" = %(table)s
ORDER BY "columns"."ordinal_position";
