-- But those of invisible columns, which no file has.
SELECT
    "table_name" AS "table",
    "constraint_name" AS "key",
    "column_name" AS "column",
    "referenced_table_name" AS "parent",
    "referenced_column_name" AS "parent_column"
FROM information_schema.key_column_usage
WHERE "table_schema" = DATABASE()
  AND ("constraint_name" = 'PRIMARY' OR "referenced_table_name" IS NOT NULL)
  AND ("table_name", "column_name") NOT IN (
      SELECT "table_name", "column_name"
      FROM information_schema.columns
      WHERE "table_schema" = DATABASE()
        AND "extra" LIKE '%INVISIBLE%'
  )
ORDER BY "table_name", "constraint_name", "ordinal_position";
