{% set table, column = write_back.name | identifier, write_back.column | identifier %}
{% set customer = as_text(table ~ "." ~ (write_back.key | identifier)) %}
{{ more_memory() }}
UPDATE {{ table }}
SET {{ column }} = {{ customer_segments }}."segment"
FROM {{ customer_segments }}
WHERE {{ customer_segments }}."customer_unique_id" = {{ customer }}
  AND {{ table }}.{{ column }} IS DISTINCT FROM {{ customer_segments }}."segment";

{% if any_before %}
UPDATE {{ table }}
SET {{ column }} = NULL
WHERE {{ column }} IS NOT NULL
  AND NOT EXISTS (
      SELECT 1
      FROM {{ customer_segments }}
      WHERE {{ customer_segments }}."customer_unique_id" = {{ customer }}
  );
{% endif %}
