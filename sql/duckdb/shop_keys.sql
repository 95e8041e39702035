SELECT
    "schema_name" AS "schema",
    "table_name" AS "table",
    "constraint_index" AS "key",
    CASE "constraint_type" WHEN 'PRIMARY KEY' THEN 'primary' WHEN 'UNIQUE' THEN 'unique' ELSE 'foreign' END AS "kind",
    unnest("constraint_column_names") AS "column",
    CASE "constraint_type" WHEN 'FOREIGN KEY' THEN "schema_name" END AS "parent_schema",
    "referenced_table" AS "parent",
    unnest("referenced_column_names") AS "parent_column"
FROM duckdb_constraints()
WHERE "database_name" = current_database()
  AND "constraint_type" IN ('PRIMARY KEY', 'UNIQUE', 'FOREIGN KEY')
ORDER BY "schema", "table", "key";
