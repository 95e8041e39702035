{% from "clear_labels.sql" import clear_labels, kept with context %}
{% from "labels_of_customers.sql" import labels with context %}
{% set table, column = target.name | identifier, target.column | identifier %}
UPDATE {{ table }}
JOIN {{ labels() }} ON "#customer" = {{ as_text(target.key) }}
SET {{ table }}.{{ column }} = "#segment"{{ kept(target) }}
WHERE NOT ({{ table }}.{{ column }} <=> "#segment");

{% if any_before %}
{{ clear_labels(target) }}
{% endif %}
