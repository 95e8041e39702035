{% from "labels_of_customers.sql" import labels with context %}
{% set table, column = target.name | identifier, target.column | identifier %}
{{ more_memory() }}
UPDATE {{ table }}
SET {{ column }} = "#segment"
FROM {{ labels() }}
WHERE "#customer" = {{ as_text(target.key) }}
  AND {{ table }}.{{ column }} IS DISTINCT FROM "#segment";

{% if any_before %}
UPDATE {{ table }}
SET {{ column }} = NULL
WHERE {{ column }} IS NOT NULL
  AND NOT EXISTS (
      SELECT 1
      FROM {{ labels() }}
      WHERE "#customer" = {{ as_text(target.key) }}
  );
{% endif %}
