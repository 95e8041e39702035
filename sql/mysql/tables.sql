SELECT "table_name" AS "table"
FROM information_schema.tables
WHERE "table_schema" = COALESCE(%(schema)s, DATABASE());
