SELECT "attname" AS "name", format_type("atttypid", "atttypmod") AS "type"
FROM "pg_attribute"
WHERE "attrelid" = CAST({{ customer_features | text }} AS regclass)
  AND "attnum" > 0
  AND NOT "attisdropped"
ORDER BY "attnum";
