{% from "labels_of_customers.sql" import labels, labels_to_mend with context %}
{% set table, column = target.name | identifier, target.column | identifier %}
{{ memory_to_update() }}
UPDATE {{ table }}
SET {{ column }} = "#segment"
FROM {{ labels(target) if all_at_once else labels_to_mend() }}
WHERE "#customer" = {{ as_text(target.key) }}
  AND {{ table }}.{{ column }} IS DISTINCT FROM "#segment";

{% if keyless %}
UPDATE {{ table }}
SET {{ column }} = NULL
WHERE {{ as_text(target.key) }} IS NULL AND {{ column }} IS NOT NULL;
{% endif %}
