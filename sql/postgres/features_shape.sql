DROP TABLE IF EXISTS pg_temp."features_shape";

CREATE TEMPORARY TABLE "features_shape" ON COMMIT DROP AS
SELECT *
FROM (
{{ features_sql }}
) AS "features"
LIMIT 0;

SELECT "attname" AS "name", format_type("atttypid", "atttypmod") AS "type"
FROM "pg_attribute"
WHERE "attrelid" = CAST('"features_shape"' AS regclass)
  AND "attnum" > 0
  AND NOT "attisdropped"
ORDER BY "attnum";
