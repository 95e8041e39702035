-- Not a table of the shop's that has the name.
DROP TABLE IF EXISTS "pg_temp"."staged_keys";

CREATE TEMPORARY TABLE "staged_keys" ON COMMIT DROP AS
SELECT {{ reference.parent_columns | names }}
FROM {{ reference.parent | identifier }}
WITH NO DATA;
