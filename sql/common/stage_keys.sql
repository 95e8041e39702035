DROP TABLE IF EXISTS "staged_keys";

CREATE TEMPORARY TABLE "staged_keys" AS
SELECT {{ reference.parent_columns | names }}
FROM {{ reference.parent | identifier }}
WITH NO DATA;
