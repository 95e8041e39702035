{% from "records.sql" import names %}
DROP TEMPORARY TABLE IF EXISTS "staged_keys";

CREATE TEMPORARY TABLE "staged_keys"
SELECT {{ names(reference.parent_columns) }}
FROM {{ reference.parent | identifier }}
WHERE false;
