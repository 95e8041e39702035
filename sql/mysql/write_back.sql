{% from "clear_labels.sql" import clear_labels with context %}
{% set table, column = write_back.name | identifier, write_back.column | identifier %}
{% set customer = as_text(table ~ "." ~ (write_back.key | identifier)) %}
UPDATE {{ table }}
JOIN {{ customer_segments }}
    ON {{ customer_segments }}."customer_unique_id" = {{ customer }}
SET {{ table }}.{{ column }} = {{ customer_segments }}."segment"
WHERE NOT ({{ table }}.{{ column }} <=> {{ customer_segments }}."segment");

{% if any_before %}
{{ clear_labels(table, column, customer) }}
{% endif %}
