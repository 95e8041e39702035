DROP TEMPORARY TABLE IF EXISTS "features_shape";

CREATE TEMPORARY TABLE "features_shape" {{ numbered_rows }} AS
SELECT *
FROM (
{{ features_sql }}
) AS "features"
LIMIT 0;

SHOW COLUMNS FROM "features_shape" WHERE "Field" <> '#';
