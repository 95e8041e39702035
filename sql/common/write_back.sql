{% from "clear_labels.sql" import clear_labels with context %}
{% set table, column = write_back.name | identifier, write_back.column | identifier %}
{% set customer = as_text(table ~ "." ~ (write_back.key | identifier)) %}
{{ more_memory() }}
UPDATE {{ table }}
SET {{ column }} = {{ customer_segments }}."segment"
FROM {{ customer_segments }}
WHERE {{ customer_segments }}."customer_unique_id" = {{ customer }}
  AND {{ table }}.{{ column }} IS DISTINCT FROM {{ customer_segments }}."segment";

{% if any_before %}
{{ clear_labels(table, column, customer) }}
{% endif %}
