SELECT "column_name" AS "column", "character_set_name" AS "charset"
FROM information_schema.columns
WHERE "table_schema" = COALESCE(%(schema)s, DATABASE())
  AND "table_name" = %(table)s
  AND "character_set_name" IS NOT NULL;
