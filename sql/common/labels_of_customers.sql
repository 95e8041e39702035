{# Every customer's label, under names that no column of a shop's own table has: the key in the config may be an
   expression that names columns without their table. #}
{% macro labels() -%}
(
    SELECT "customer_unique_id" AS "#customer", "segment" AS "#segment"
    FROM {{ customer_segments }}
) AS "labels"
{%- endmacro %}

{# Every row of the shop's own table: its key, and the label that it carries. #}
{% macro labelled_rows(target) -%}
(
    SELECT {{ as_text(target.key) }} AS "#key", {{ as_text(target.column | identifier) }} AS "#label"
    FROM {{ target.name | identifier }}
) AS "rows"
{%- endmacro %}

{# What has become of the labels, over the two joined. #}
{% macro arrivals() -%}
COUNT(*) AS "rows",
    COUNT(*) - COUNT("#key") AS "without_key",
    COUNT("#segment") AS "of_customers",
    COUNT(CASE WHEN "#label" = "#segment" THEN 1 END) AS "labelled",
    COUNT(CASE WHEN "#segment" IS NOT NULL AND "#label" IS NULL THEN 1 END) AS "empty",
    COUNT(CASE WHEN "#segment" IS NULL AND "#label" IS NOT NULL THEN 1 END) AS "stale"
{%- endmacro %}
