-- Not information_schema, which hides the schemas of other roles.
SELECT "nspname" AS "schema"
FROM pg_catalog.pg_namespace
WHERE "nspname" = %(schema)s;
