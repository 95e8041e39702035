{# Every customer's label, a letter or an RFM group, under names that no column of a shop's own table has: the key in
   the config may be an expression that names columns without their table. #}
{% macro labels(target) -%}
(
{% if target.of_groups %}
    SELECT "customer_unique_id" AS "#customer", "rfm_group" AS "#segment"
    FROM {{ customer_rfm }}
    WHERE "rfm_group" IS NOT NULL
{% else %}
    SELECT "customer_unique_id" AS "#customer", "segment" AS "#segment"
    FROM {{ customer_segments }}
{% endif %}
) AS "labels"
{%- endmacro %}

{# Every row of the shop's own table: its key, and the label that it carries. #}
{% macro labelled_rows(target) -%}
(
    SELECT
        {{ as_text(target.key) }} AS "#key",
        {{ as_text(target.column | identifier) }} AS "#label",
        1 AS "#row"
{% if target.is_expression %}
        {{ and_computed_once() }}
{% endif %}
    FROM {{ target.name | identifier }}
{% if target.is_expression %}
    {{ computed_once() }}
{% endif %}
) AS "rows"
{%- endmacro %}

{# What the odd rows that do not carry what they should are to carry, under the same names. #}
{% macro labels_to_mend() -%}
(
    SELECT DISTINCT "#key" AS "#customer", "#segment"
    FROM "#odd_rows"
    WHERE "#row" = 1 AND "#label" IS DISTINCT FROM "#segment"
) AS "labels"
{%- endmacro %}

{# How many rows carry no label and should, another one than they should, and one of nobody. #}
{% macro wrong_rows(label, segment) -%}
COUNT(CASE WHEN {{ segment }} IS NOT NULL AND {{ label }} IS NULL THEN 1 END) AS "empty",
    COUNT(CASE WHEN {{ label }} <> {{ segment }} THEN 1 END) AS "other",
    COUNT(CASE WHEN {{ segment }} IS NULL AND {{ label }} IS NOT NULL THEN 1 END) AS "stale"
{%- endmacro %}
