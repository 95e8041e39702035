-- Tables with an index beside those of their key and of what they refer to.
SELECT "table_name" AS "table"
FROM duckdb_constraints()
WHERE "constraint_type" = 'UNIQUE'
  AND "database_name" = current_database()
  AND "schema_name" = current_schema()
UNION
SELECT "table_name"
FROM duckdb_indexes()
WHERE "database_name" = current_database()
  AND "schema_name" = current_schema();
