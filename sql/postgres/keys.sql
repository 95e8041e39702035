SELECT
    "child"."relname" AS "table",
    "constraint"."conname" AS "key",
    "column"."attname" AS "column",
    "parent"."relname" AS "parent",
    "parent_column"."attname" AS "parent_column"
FROM pg_constraint AS "constraint"
JOIN pg_class AS "child" ON "child"."oid" = "constraint"."conrelid"
CROSS JOIN LATERAL unnest("constraint"."conkey") WITH ORDINALITY AS "place" ("number", "position")
JOIN pg_attribute AS "column"
    ON "column"."attrelid" = "constraint"."conrelid" AND "column"."attnum" = "place"."number"
LEFT JOIN pg_class AS "parent" ON "parent"."oid" = "constraint"."confrelid"
LEFT JOIN pg_attribute AS "parent_column"
    ON "parent_column"."attrelid" = "constraint"."confrelid"
    AND "parent_column"."attnum" = "constraint"."confkey"["place"."position"]
WHERE "child"."relnamespace" = CAST(current_schema() AS regnamespace)
  AND "constraint"."contype" IN ('p', 'f')
ORDER BY "table", "key", "place"."position";
