SELECT "conname" AS "key", "attname" AS "column"
FROM pg_catalog.pg_constraint
JOIN pg_catalog.pg_class ON pg_class."oid" = "conrelid"
JOIN pg_catalog.pg_namespace ON pg_namespace."oid" = "relnamespace"
JOIN pg_catalog.pg_attribute ON "attrelid" = "conrelid" AND "attnum" = ANY("conkey")
WHERE "contype" = 'p'
  AND "nspname" = COALESCE(%(schema)s, current_schema())
  AND "relname" = %(table)s;
