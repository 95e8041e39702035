SELECT "constraint_name" AS "key", "column_name" AS "column"
FROM information_schema.key_column_usage
WHERE "constraint_name" = 'PRIMARY'
  AND "table_schema" = COALESCE(%(schema)s, DATABASE())
  AND "table_name" = %(table)s;
