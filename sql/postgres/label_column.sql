-- What the column that is to carry the labels is, and the relation that it is in.
SELECT
    CASE "relkind"
        WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'f' THEN 'foreign table' ELSE 'table'
    END AS "kind",
    pg_relation_is_updatable(pg_class."oid", true) & 4 <> 0
        AND pg_column_is_updatable(pg_class."oid", "attnum", true) AS "updatable",
    format_type("atttypid", "atttypmod") AS "type",
    "typcategory" = 'S' AS "is_text",
    "attnotnull" OR "typnotnull" AS "required",
    "attgenerated" <> '' AS "generated"
FROM pg_catalog.pg_attribute
JOIN pg_catalog.pg_class ON pg_class."oid" = "attrelid"
JOIN pg_catalog.pg_namespace ON pg_namespace."oid" = "relnamespace"
JOIN pg_catalog.pg_type ON pg_type."oid" = "atttypid"
WHERE "nspname" = COALESCE(%(schema)s, current_schema())
  AND "relname" = %(table)s
  AND "attname" = %(column)s;
