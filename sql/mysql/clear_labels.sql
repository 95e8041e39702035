{% from "label_joins.sql" import customer, kept, labels with context %}
{% set table, column = target.name | identifier, target.column | identifier %}
-- The label goes where its customer has none any more.
UPDATE {{ table }}
LEFT JOIN {{ labels(target) }} ON {{ customer(target) }} = {{ as_text(target.key) }}
SET {{ table }}.{{ column }} = NULL{{ kept(target) }}
WHERE {{ table }}.{{ column }} IS NOT NULL AND {{ customer(target) }} IS NULL;
