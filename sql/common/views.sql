SELECT "table_name" AS "view"
FROM information_schema.tables
WHERE "table_type" = 'VIEW'
  AND "table_schema" = COALESCE(%(schema)s, {{ this_schema }});
