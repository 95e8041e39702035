-- Not information_schema, which hides tables that the role has no rights on: their names are taken all the same.
SELECT "relname" AS "table"
FROM pg_catalog.pg_class
JOIN pg_catalog.pg_namespace ON pg_namespace."oid" = "relnamespace"
WHERE "nspname" = COALESCE(%(schema)s, current_schema())
  AND "relkind" IN ('r', 'p', 'v', 'm', 'f');
