-- What a run needs, and whether the role has it. What it makes it owns: only tables that are there are asked for.
SELECT 'TEMPORARY on the database' AS "needed", has_database_privilege(current_database(), 'TEMPORARY') AS "granted"
UNION ALL
SELECT 'USAGE and CREATE on the schema', has_schema_privilege(current_schema(), 'CREATE')
WHERE %(own_schema)s IS NULL OR CARDINALITY(CAST(%(tables)s AS text[])) > 0
UNION ALL
SELECT CONCAT('USAGE and CREATE on the schema ', "nspname"), has_schema_privilege("oid", 'CREATE')
FROM pg_namespace
WHERE "nspname" = %(own_schema)s
UNION ALL
SELECT 'CREATE on the database', has_database_privilege(current_database(), 'CREATE')
WHERE NOT EXISTS (SELECT 1 FROM pg_namespace WHERE "nspname" = COALESCE(%(own_schema)s, current_schema()))
UNION ALL
SELECT CONCAT('SELECT, INSERT, UPDATE, DELETE on ', "relname"), BOOL_AND(has_table_privilege("pg_class"."oid", "right"))
FROM pg_class
CROSS JOIN (VALUES ('SELECT'), ('INSERT'), ('UPDATE'), ('DELETE')) AS "rights" ("right")
WHERE "relnamespace" = CAST(current_schema() AS regnamespace)
  AND "relname" = ANY(%(tables)s)
GROUP BY "relname"
UNION ALL
SELECT CONCAT('UPDATE ("', "attname", '") on ', "relname"), has_column_privilege("attrelid", "attnum", 'UPDATE')
FROM pg_attribute
JOIN pg_class ON pg_class."oid" = "attrelid"
JOIN pg_namespace ON pg_namespace."oid" = "relnamespace"
WHERE "nspname" = COALESCE(%(schema)s, current_schema())
  AND "relname" = %(table)s
  AND "attname" = %(column)s;
