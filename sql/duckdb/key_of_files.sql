SELECT "constraint_index" AS "key", unnest("constraint_column_names") AS "column"
FROM duckdb_constraints()
WHERE "constraint_type" = 'PRIMARY KEY'
  AND "database_name" = current_database()
  AND "schema_name" = COALESCE(%(schema)s, current_schema())
  AND "table_name" = %(table)s;
