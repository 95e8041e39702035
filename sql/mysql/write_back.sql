{% from "clear_labels.sql" import clear_labels, kept with context %}
{% from "labels_of_customers.sql" import labels with context %}
{% set table, column = target.name | identifier, target.column | identifier %}
{% if target.primary %}
{# An UPDATE that looks at every row keeps all of them locked; a SELECT locks none. #}
DROP TEMPORARY TABLE IF EXISTS "to_label";

CREATE TEMPORARY TABLE "to_label" (PRIMARY KEY ({{ target.primary | names }}))
SELECT {{ target.primary | names }}, "#segment"
FROM {{ table }}
LEFT JOIN {{ labels() }} ON "#customer" = {{ as_text(target.key) }}
WHERE NOT ({{ table }}.{{ column }} <=> "#segment");

UPDATE "to_label"
STRAIGHT_JOIN {{ table }} ON {{ target.primary | pairs("to_label", target.name) }}
SET {{ table }}.{{ column }} = "#segment"{{ kept(target) }};
{% else %}
UPDATE {{ table }}
JOIN {{ labels() }} ON "#customer" = {{ as_text(target.key) }}
SET {{ table }}.{{ column }} = "#segment"{{ kept(target) }}
WHERE NOT ({{ table }}.{{ column }} <=> "#segment");

{% if any_before %}
{{ clear_labels(target) }}
{% endif %}
{% endif %}
