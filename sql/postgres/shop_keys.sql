SELECT
    "child_schema"."nspname" AS "schema",
    "child"."relname" AS "table",
    "constraint"."conname" AS "key",
    CASE "constraint"."contype" WHEN 'p' THEN 'primary' WHEN 'u' THEN 'unique' ELSE 'foreign' END AS "kind",
    "column"."attname" AS "column",
    "parent_schema"."nspname" AS "parent_schema",
    "parent"."relname" AS "parent",
    "parent_column"."attname" AS "parent_column"
FROM pg_constraint AS "constraint"
JOIN pg_class AS "child" ON "child"."oid" = "constraint"."conrelid"
JOIN pg_namespace AS "child_schema" ON "child_schema"."oid" = "child"."relnamespace"
CROSS JOIN LATERAL unnest("constraint"."conkey") WITH ORDINALITY AS "place" ("number", "position")
JOIN pg_attribute AS "column"
    ON "column"."attrelid" = "constraint"."conrelid" AND "column"."attnum" = "place"."number"
LEFT JOIN pg_class AS "parent" ON "parent"."oid" = "constraint"."confrelid"
LEFT JOIN pg_namespace AS "parent_schema" ON "parent_schema"."oid" = "parent"."relnamespace"
LEFT JOIN pg_attribute AS "parent_column"
    ON "parent_column"."attrelid" = "constraint"."confrelid"
    AND "parent_column"."attnum" = "constraint"."confkey"["place"."position"]
WHERE "constraint"."contype" IN ('p', 'u', 'f')
  AND NOT "child"."relispartition"
  AND "child_schema"."nspname" <> 'information_schema'
  AND "child_schema"."nspname" NOT LIKE 'pg\_%'
ORDER BY "schema", "table", "key", "place"."position";
