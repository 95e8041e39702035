-- Long texts of the job's own tables that are still TEXT, as an older version made them.
SELECT "table_name" AS "table", "column_name" AS "column", "is_nullable" AS "nullable"
FROM information_schema.columns
WHERE "table_schema" = COALESCE(%(schema)s, DATABASE())
  AND "table_name" IN ({{ tables | map("text") | join(", ") }})
  AND "data_type" = 'text';
