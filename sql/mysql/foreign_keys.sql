SELECT
    "table_name" AS "child",
    "column_name" AS "child_column",
    "referenced_table_name" AS "parent",
    "referenced_column_name" AS "parent_column"
FROM information_schema.key_column_usage
WHERE "table_schema" = DATABASE()
  AND "referenced_table_name" IS NOT NULL
ORDER BY "table_name", "column_name";
