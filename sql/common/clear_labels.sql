{% from "labels_of_customers.sql" import labels with context %}
-- The label goes where its customer has none any more.
UPDATE {{ target.name | identifier }}
SET {{ target.column | identifier }} = NULL
WHERE {{ target.column | identifier }} IS NOT NULL
  AND NOT EXISTS (
      SELECT 1
      FROM {{ labels() }}
      WHERE "#customer" = {{ as_text(target.key) }}
  );
