{% from "label_joins.sql" import customer, kept, labels, segment with context %}
{% set table, column = target.name | identifier, target.column | identifier %}
UPDATE {{ table }}
JOIN {{ labels(target) }} ON {{ customer(target) }} = {{ as_text(target.key) }}
SET {{ table }}.{{ column }} = {{ segment(target) }}{{ kept(target) }}
WHERE NOT ({{ table }}.{{ column }} <=> {{ segment(target) }});
