-- What may refuse a label on its way to the column; DuckDB has nothing that would keep or change it.
SELECT
    CASE WHEN "constraint_type" IN ('CHECK', 'FOREIGN KEY') THEN 'constraint' ELSE 'unique' END AS "kind",
    "constraint_name" AS "name",
    CASE "constraint_type"
        WHEN 'CHECK' THEN "expression"
        WHEN 'FOREIGN KEY' THEN concat(
            '"', %(column)s, '" IN (SELECT "', "referenced_column_names"[1],
            '" FROM "', "schema_name", '"."', "referenced_table", '")'
        )
        ELSE ''
    END AS "detail"
FROM duckdb_constraints()
WHERE "database_name" = current_database()
  AND "schema_name" = COALESCE(%(schema)s, current_schema())
  AND "table_name" = %(table)s
  AND "constraint_column_names" = [%(column)s]
  AND "constraint_type" IN ('CHECK', 'FOREIGN KEY', 'PRIMARY KEY', 'UNIQUE')
ORDER BY "kind", "name";
