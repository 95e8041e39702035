SELECT
    "table_name" AS "table",
    "constraint_index" AS "key",
    unnest("constraint_column_names") AS "column",
    "referenced_table" AS "parent",
    unnest("referenced_column_names") AS "parent_column"
FROM duckdb_constraints()
WHERE "schema_name" = current_schema()
  AND "database_name" = current_database()
  AND "constraint_type" IN ('PRIMARY KEY', 'FOREIGN KEY')
ORDER BY "table", "key";
