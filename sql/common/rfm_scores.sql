{# How many of the cut points that stand in rfm_cuts a value is over. NULL where there is no value, or are no cut
   points. #}
{% macro cuts_below(column, letter) -%}
{% set value = as_double(customer_features ~ "." ~ column | identifier) %}
CASE
{% for at in range(1, 5) %}
            WHEN {{ value }} <= {{ rfm_cuts }}.{{ (letter ~ at) | identifier }} THEN {{ at - 1 }}
{% endfor %}
            WHEN {{ value }} > {{ rfm_cuts }}.{{ (letter ~ 4) | identifier }} THEN 4
        END
{%- endmacro %}

{# Every customer's scores, beside these columns of customer_features. #}
{% macro scores(columns) %}
(
    SELECT
{% for column in columns %}
        {{ customer_features }}.{{ column | identifier }} AS {{ column | identifier }},
{% endfor %}
        5 - {{ cuts_below("recency_days", "r") }} AS "r",
        1 + {{ cuts_below("frequency", "f") }} AS "f",
        1 + {{ cuts_below("monetary", "m") }} AS "m"
    FROM {{ customer_features }}
    JOIN {{ rfm_cuts }} ON {{ rfm_cuts }}."id" = 1
) AS "scored"
{%- endmacro %}

{# The groups of scores. #}
{% macro with_groups() %}
LEFT JOIN {{ rfm_groups }}
    ON {{ rfm_groups }}."r" = "scored"."r"
    AND {{ rfm_groups }}."f" = "scored"."f"
    AND {{ rfm_groups }}."m" = "scored"."m"
{%- endmacro %}
