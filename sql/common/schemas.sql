SELECT "schema_name" AS "schema"
FROM information_schema.schemata
WHERE "schema_name" = %(schema)s;
