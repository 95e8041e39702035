{# recency_days grows by one for every customer, every day. So what is stored is the day that it counts from, "#day",
   and for all customers the day up to which it counts. What is no number of days stands in recency_days itself.
   columns: of the features. counted: the type of recency_days; none where it is never counted. #}
{% macro stored(columns, counted) %}
SELECT
{% for column in columns %}
{% set comma = "," if not loop.last else "" %}
{% if column == "recency_days" and counted %}
    COALESCE({{ days_as(counted, days_between('"#day"', as_of_joined())) }}, "recency_days") AS "recency_days"{{ comma }}
{% else %}
    {{ column | identifier }}{{ comma }}
{% endif %}
{% endfor %}
FROM {{ customer_features_data }} {{ join_as_of() }}
{% endmacro %}

{# The day that is so many days away from another, by the sign; NULL where it would not give the very same number back.
   It stays far from the ends of every calendar. #}
{% macro day_of(number, counted, sign, day) %}
{% if not counted %}
CAST(NULL AS DATE)
{%- else %}
CASE
    WHEN {{ number }} BETWEEN -300000 AND 300000
    THEN CASE
{% if "int" in counted | lower %}
        WHEN 1 = 1
{% else %}
        WHEN {{ as_text(number) }} = {{ as_text(days_as(counted, as_integer(number))) }}
{% endif %}
        THEN {{ days_after(day, sign ~ number) }}
    END
END
{%- endif %}
{% endmacro %}

{# Columns as they are stored, where "#day" is the day to count from. #}
{% macro values(columns) %}
{% for column in columns %}
{% if column == "recency_days" %}
    CASE WHEN "#day" IS NULL THEN "recency_days" END,
{% else %}
    {{ column | identifier }},
{% endif %}
{% endfor %}
    "#day"
{% endmacro %}

{% macro untouched(of) -%}
NOT EXISTS (
    SELECT 1
    FROM "touched_customers"
    WHERE "touched_customers"."customer_unique_id" = {{ of }}."customer_unique_id"
)
{%- endmacro %}

{# The first customers with a number of days; touched: of those that are not. #}
{% macro first_counted(limit, touched) %}
SELECT "customer_unique_id", "#day"
FROM {{ customer_features_data }}
WHERE "#day" IS NOT NULL
{% if touched %}
  AND {{ untouched(customer_features_data) }}
{% endif %}
ORDER BY "customer_unique_id"
LIMIT {{ limit }}
{% endmacro %}
