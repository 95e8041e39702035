-- What may keep, change or refuse a label on its way to the column, with what it says of it.
WITH "label" AS (
    SELECT pg_class."oid" AS "table", "attnum" AS "number", "attname" AS "column", "atttypid" AS "type"
    FROM pg_catalog.pg_attribute
    JOIN pg_catalog.pg_class ON pg_class."oid" = "attrelid"
    JOIN pg_catalog.pg_namespace ON pg_namespace."oid" = "relnamespace"
    WHERE "nspname" = COALESCE(%(schema)s, current_schema())
      AND "relname" = %(table)s
      AND "attname" = %(column)s
)
SELECT 'row security' AS "kind", '' AS "name", '' AS "detail"
FROM "label"
WHERE row_security_active("table")
UNION ALL
SELECT 'trigger', "tgname", ''
FROM "label"
JOIN pg_catalog.pg_trigger ON "tgrelid" = "table"
WHERE NOT "tgisinternal"
  AND "tgtype" & 16 <> 0
  AND "tgenabled" IN ('O', 'A')
  AND (CARDINALITY(CAST("tgattr" AS smallint[])) = 0 OR "number" = ANY("tgattr"))
UNION ALL
SELECT 'rule', "rulename", ''
FROM "label"
JOIN pg_catalog.pg_rewrite ON "ev_class" = "table"
WHERE "ev_type" = '2' AND "ev_enabled" IN ('O', 'A')
UNION ALL
SELECT 'unique', "relname", ''
FROM "label"
JOIN pg_catalog.pg_index ON "indrelid" = "table"
JOIN pg_catalog.pg_class ON pg_class."oid" = "indexrelid"
WHERE "indisunique" AND "indpred" IS NULL AND "indnkeyatts" = 1 AND "indkey"[0] = "number"
UNION ALL
SELECT 'constraint', "conname", pg_get_expr("conbin", "conrelid")
FROM "label"
JOIN pg_catalog.pg_constraint ON "conrelid" = "table"
WHERE "contype" = 'c' AND "conkey" = ARRAY["number"]
UNION ALL
SELECT 'constraint', "conname", format('CAST(%%I AS %%s) IS NOT NULL', "column", format_type("type", NULL))
FROM "label"
JOIN pg_catalog.pg_constraint ON "contypid" = "type"
WHERE "contype" = 'c'
UNION ALL
SELECT
    'constraint',
    "conname",
    format('%%I IN (SELECT %%I FROM %%s)', "column", "attname", CAST(CAST("confrelid" AS regclass) AS text))
FROM "label"
JOIN pg_catalog.pg_constraint ON "conrelid" = "table"
JOIN pg_catalog.pg_attribute ON "attrelid" = "confrelid" AND "attnum" = "confkey"[1]
WHERE "contype" = 'f' AND "conkey" = ARRAY["number"]
ORDER BY "kind", "name";
