{# The labels' table is joined as it is: MariaDB would copy a subquery of it, and MySQL one in NOT EXISTS, and compare
   each row with each. #}
{% set table, column = target.name | identifier, target.column | identifier %}
{% if target.is_expression %}
{% set labels, customer, segment = '"#labels"', '"#labels"."#customer"', '"#labels"."#segment"' %}
{% else %}
{% set labels = customer_segments %}
{% set customer, segment = labels ~ '."customer_unique_id"', labels ~ '."segment"' %}
{% endif %}
{# Columns that would change by themselves keep their values. #}
{% macro kept() -%}
{% for name in target.kept %}, {{ table }}.{{ name | identifier }} = {{ table }}.{{ name | identifier }}{% endfor %}
{%- endmacro %}

{% if target.primary %}
{# An UPDATE that looks at every row keeps all of them locked; a SELECT locks none. #}
DROP TEMPORARY TABLE IF EXISTS "to_label";

CREATE TEMPORARY TABLE "to_label" (PRIMARY KEY ({{ target.primary | names }}))
SELECT {{ target.primary | names(target.name) }}, {{ segment }} AS "#segment"
FROM {{ table }}
LEFT JOIN {{ labels }} ON {{ customer }} = {{ as_text(target.key) }}
WHERE NOT ({{ table }}.{{ column }} <=> {{ segment }});

UPDATE "to_label"
STRAIGHT_JOIN {{ table }} ON {{ target.primary | pairs("to_label", target.name) }}
SET {{ table }}.{{ column }} = "to_label"."#segment"{{ kept() }};
{% else %}
UPDATE {{ table }}
JOIN {{ labels }} ON {{ customer }} = {{ as_text(target.key) }}
SET {{ table }}.{{ column }} = {{ segment }}{{ kept() }}
WHERE NOT ({{ table }}.{{ column }} <=> {{ segment }});

{% if any_before %}
UPDATE {{ table }}
LEFT JOIN {{ labels }} ON {{ customer }} = {{ as_text(target.key) }}
SET {{ table }}.{{ column }} = NULL{{ kept() }}
WHERE {{ table }}.{{ column }} IS NOT NULL AND {{ customer }} IS NULL;
{% endif %}
{% endif %}
