{# A score of 1 to 5 by a value and the cut points that stand in rfm_cuts: up to the first, over it, ..., over the last.
   NULL where there is no value, or are no cut points. #}
{% macro steps_over(value, letter) -%}
{% set number = as_double(customer_features ~ "." ~ value | identifier) %}
{% for at in range(1, 5) %}
{% set cut = rfm_cuts ~ "." ~ (letter ~ at) | identifier %}
{{ " + " if not loop.first }}CASE WHEN {{ number }} > {{ cut }} THEN 1 WHEN {{ number }} <= {{ cut }} THEN 0 END
{%- endfor %}
{%- endmacro %}

{# Every customer's scores, beside these columns of customer_features. #}
{% macro scored(columns) %}
(
    SELECT
{% for column in columns %}
        {{ customer_features }}.{{ column | identifier }} AS {{ column | identifier }},
{% endfor %}
        5 - ({{ steps_over("recency_days", "r") }}) AS "r",
        1 + {{ steps_over("frequency", "f") }} AS "f",
        1 + {{ steps_over("monetary", "m") }} AS "m"
    FROM {{ customer_features }}
    JOIN {{ rfm_cuts }} ON {{ rfm_cuts }}."id" = 1
) AS "scored"
LEFT JOIN {{ rfm_groups }}
    ON {{ rfm_groups }}."r" = "scored"."r"
    AND {{ rfm_groups }}."f" = "scored"."f"
    AND {{ rfm_groups }}."m" = "scored"."m"
{%- endmacro %}
