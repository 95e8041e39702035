DROP TEMPORARY TABLE IF EXISTS "features_shape";

-- By an outer join, so that each column may be NULL: a date that may not would get a zero date as its default.
CREATE TEMPORARY TABLE "features_shape" {{ numbered_rows }} AS
SELECT "features".*
FROM (SELECT 1) AS "one"
LEFT JOIN (
{{ features_sql }}
) AS "features" ON FALSE
LIMIT 0;

SHOW COLUMNS FROM "features_shape" WHERE "Field" <> '#';
