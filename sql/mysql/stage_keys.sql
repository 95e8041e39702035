DROP TEMPORARY TABLE IF EXISTS "staged_keys";

CREATE TEMPORARY TABLE "staged_keys" {{ numbered_rows }}
SELECT {{ reference.parent_columns | names }}
FROM {{ reference.parent | identifier }}
WHERE false;
