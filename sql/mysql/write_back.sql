{% set table, column = write_back.name | identifier, write_back.column | identifier %}
{% set customer = as_text(table ~ "." ~ (write_back.key | identifier)) %}
UPDATE {{ table }}
JOIN {{ customer_segments }}
    ON {{ customer_segments }}."customer_unique_id" = {{ customer }}
SET {{ table }}.{{ column }} = {{ customer_segments }}."segment"
WHERE NOT ({{ table }}.{{ column }} <=> {{ customer_segments }}."segment");

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
