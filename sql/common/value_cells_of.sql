{# What lies further apart is no number of days of a customer's. #}
{% set most_days = 100000 %}

{# Of customers with such days, and more of their columns: on how many days they ordered again after the first, how many
   lie between that and the last, and since; what they have spent, without what lies below 0. #}
{% macro histories(columns=[], customers=customer_features, until="") %}
(
    SELECT
{% for column in columns %}
        {{ column | identifier }},
{% endfor %}
        CAST("last_order_at" AS DATE) AS "last_day",
        {{ days_between('"first_order_at"', '"last_order_at"') }} AS "last_days",
        GREATEST({{ as_integer('FLOOR("recency_days")') }}, 0) AS "recent_days",
        {{ as_integer('"order_days"') }} - 1 AS "again",
        CASE WHEN "monetary" > 0 THEN "monetary" ELSE 0 END AS "spend"
    FROM {{ customers }}
    WHERE "order_days" BETWEEN 1 AND {{ most_days }}
      AND "first_order_at" >= CAST('1000-01-01' AS DATE)
      AND "last_order_at" >= "first_order_at"
      AND "last_order_at" < CAST('9999-12-31' AS DATE)
      AND ABS("recency_days") <= {{ most_days }}
{% if until %}
      AND CAST("first_order_at" AS DATE) <= {{ until }}
{% endif %}
) AS "histories"
{%- endmacro %}

{# The number of the cell, so many weeks wide, that these days are in; 0 is in one of its own. #}
{% macro cell_of(days, weeks) -%}
{{ as_integer("FLOOR((%s + 7 * %s - 1) / (7 * %s))" | format(as_double(days), weeks, as_double(weeks))) }}
{%- endmacro %}
