DROP TEMPORARY TABLE IF EXISTS "features_shape";

-- A date that is never NULL would get a zero date as its default here.
SET SESSION sql_mode = REPLACE(@@SESSION.sql_mode, 'NO_ZERO_DATE', '');

CREATE TEMPORARY TABLE "features_shape" {{ numbered_rows }} AS
SELECT *
FROM (
{{ features_sql }}
) AS "features"
LIMIT 0;

SET SESSION sql_mode = CONCAT(@@SESSION.sql_mode, ',NO_ZERO_DATE');

SHOW COLUMNS FROM "features_shape" WHERE "Field" <> '#';
