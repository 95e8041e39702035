SELECT
    "usage"."table_schema" AS "schema",
    "usage"."table_name" AS "table",
    "usage"."constraint_name" AS "key",
    CASE
        WHEN "usage"."referenced_table_name" IS NOT NULL THEN 'foreign'
        WHEN "usage"."constraint_name" = 'PRIMARY' THEN 'primary'
        ELSE 'unique'
    END AS "kind",
    "usage"."column_name" AS "column",
    "usage"."referenced_table_schema" AS "parent_schema",
    "usage"."referenced_table_name" AS "parent",
    "usage"."referenced_column_name" AS "parent_column"
FROM information_schema.key_column_usage AS "usage"
WHERE "usage"."table_schema" NOT IN ('information_schema', 'mysql', 'performance_schema', 'sys')
ORDER BY "schema", "table", "key", "usage"."ordinal_position";
