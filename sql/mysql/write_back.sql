{% from "label_joins.sql" import customer, kept, labels, segment with context %}
{% set table, column = target.name | identifier, target.column | identifier %}
{% if target.primary %}
{# An UPDATE that looks at every row keeps all of them locked; a SELECT locks none. #}
DROP TEMPORARY TABLE IF EXISTS "to_label";

CREATE TEMPORARY TABLE "to_label" (PRIMARY KEY ({{ target.primary | names }}))
SELECT {{ target.primary | names(target.name) }}, {{ segment(target) }} AS "#segment"
FROM {{ table }}
LEFT JOIN {{ labels(target) }} ON {{ customer(target) }} = {{ as_text(target.key) }}
WHERE NOT ({{ table }}.{{ column }} <=> {{ segment(target) }});

UPDATE "to_label"
STRAIGHT_JOIN {{ table }} ON {{ target.primary | pairs("to_label", target.name) }}
SET {{ table }}.{{ column }} = "to_label"."#segment"{{ kept(target) }};
{% else %}
UPDATE {{ table }}
JOIN {{ labels(target) }} ON {{ customer(target) }} = {{ as_text(target.key) }}
SET {{ table }}.{{ column }} = {{ segment(target) }}{{ kept(target) }}
WHERE NOT ({{ table }}.{{ column }} <=> {{ segment(target) }});
{% endif %}
