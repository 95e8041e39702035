{% from "label_joins.sql" import customer, kept, labels, segment with context %}
{% set table, column = target.name | identifier, target.column | identifier %}
{% if target.primary %}
UPDATE "#odd_rows"
STRAIGHT_JOIN {{ table }} ON {{ target.primary | pairs("#odd_rows", target.name) }}
SET {{ table }}.{{ column }} = "#odd_rows"."#segment"{{ kept(target) }}
WHERE NOT ("#odd_rows"."#label" <=> "#odd_rows"."#segment");
{% else %}
UPDATE {{ table }}
LEFT JOIN {{ labels(target) }} ON {{ customer(target) }} = {{ as_text(target.key) }}
SET {{ table }}.{{ column }} = {{ segment(target) }}{{ kept(target) }}
WHERE NOT ({{ table }}.{{ column }} <=> {{ segment(target) }});
{% endif %}
