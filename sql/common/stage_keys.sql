{% from "records.sql" import names %}
DROP TABLE IF EXISTS "staged_keys";

CREATE TEMPORARY TABLE "staged_keys" AS
SELECT {{ names(reference.parent_columns) }}
FROM {{ reference.parent | identifier }}
WITH NO DATA;
