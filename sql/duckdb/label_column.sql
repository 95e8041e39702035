-- What the column that is to carry the labels is, and the table or view that it is in.
SELECT
    CASE "table_type" WHEN 'VIEW' THEN 'view' ELSE 'table' END AS "kind",
    "table_type" <> 'VIEW' AS "updatable",
    "data_type" AS "type",
    "data_type" = 'VARCHAR' AS "is_text",
    NOT "columns"."is_nullable" AS "required",
    "is_generated" AS "generated"
FROM duckdb_columns() AS "columns"
JOIN information_schema.tables
    ON "table_catalog" = "database_name" AND "table_schema" = "schema_name"
    AND tables."table_name" = "columns"."table_name"
WHERE "database_name" = current_database()
  AND "schema_name" = COALESCE(%(schema)s, current_schema())
  AND "columns"."table_name" = %(table)s
  AND "column_name" = %(column)s;
