-- Not information_schema, which lacks materialized views. A table's partitions are no tables of their own.
SELECT
    "nspname" AS "schema",
    "nspname" = current_schema() AS "here",
    "relname" AS "table",
    "attname" AS "name",
    format_type("attribute"."atttypid", "attribute"."atttypmod") AS "type",
    CASE format_type(COALESCE(NULLIF("typbasetype", 0), pg_type."oid"), NULL)
        WHEN 'numeric' THEN 'decimal'
        WHEN 'real' THEN 'decimal'
        WHEN 'double precision' THEN 'decimal'
        WHEN 'smallint' THEN 'whole'
        WHEN 'integer' THEN 'whole'
        WHEN 'bigint' THEN 'whole'
        WHEN 'date' THEN 'date'
        WHEN 'timestamp without time zone' THEN 'date'
        WHEN 'timestamp with time zone' THEN 'date'
        WHEN 'text' THEN 'text'
        WHEN 'character varying' THEN 'text'
        WHEN 'character' THEN 'text'
        ELSE 'other'
    END AS "kind",
    TRUE AS "offered"
FROM pg_catalog.pg_attribute AS "attribute"
JOIN pg_catalog.pg_class ON pg_class."oid" = "attribute"."attrelid"
JOIN pg_catalog.pg_namespace ON pg_namespace."oid" = "relnamespace"
JOIN pg_catalog.pg_type ON pg_type."oid" = "attribute"."atttypid"
WHERE "relkind" IN ('r', 'p', 'v', 'm', 'f')
  AND NOT "relispartition"
  AND "attnum" > 0
  AND NOT "attisdropped"
  AND "nspname" <> 'information_schema'
  AND "nspname" NOT LIKE 'pg\_%'
  AND has_schema_privilege(pg_namespace."oid", 'USAGE')
  AND has_column_privilege(pg_class."oid", "attnum", 'SELECT')
ORDER BY "here" DESC, "schema", "table", "attnum";
