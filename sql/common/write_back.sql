{% from "labels_of_customers.sql" import labels with context %}
{% set table, column = target.name | identifier, target.column | identifier %}
{{ more_memory() }}
UPDATE {{ table }}
SET {{ column }} = "#segment"
FROM {{ labels() }}
WHERE "#customer" = {{ as_text(target.key) }}
  AND {{ table }}.{{ column }} IS DISTINCT FROM "#segment";
