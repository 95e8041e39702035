{% from "position.sql" import included, labelled %}
{# What every customer is to be labelled with: features and the number of a centroid, or of its box. By a model,
   given axes and centroids; else as it was after a run, which stage_labels_of_run.sql has staged. #}
{% macro new_labels(columns=()) -%}
{% if centroids %}
(
    {{ labelled(axes, centroids, boxes) }}
) AS "new_labels"
{%- else %}
(
    SELECT
{% for column in columns %}
        {{ customer_features }}.{{ column | identifier }},
{% endfor %}
        "labels_of_run"."customer_unique_id",
        "labels_of_run"."centroid"
    FROM "labels_of_run"
    LEFT JOIN {{ customer_features }}
        ON {{ customer_features }}."customer_unique_id" = "labels_of_run"."customer_unique_id"
) AS "new_labels"
{%- endif %}
{%- endmacro %}

{# The customers who are to be labelled. #}
{% macro newly_labelled() -%}
{% if centroids %}
(
    SELECT "customer_unique_id"
    FROM {{ customer_features }}
    {{ included(axes) }}
) AS "new_labels"
{%- else -%}
"labels_of_run" AS "new_labels"
{%- endif %}
{%- endmacro %}

{# The segment's letter and name by the number of the centroid. #}
{% macro letter(k) -%} {{ bound("segment", k) }} {%- endmacro %}

{% macro name(k) -%} {{ bound("name", k) }} {%- endmacro %}

{% macro bound(what, k) -%}
CASE "new_labels"."centroid"
{%- for number in range(k) %} WHEN {{ number }} THEN %({{ what }}_{{ number }})s{% endfor %} END
{%- endmacro %}
