{% from "dialect.sql" import as_double, computed_once %}
{# Where a customer stands on an axis: millionths of a standard deviation from the mean, a whole number.
   Whole numbers add up to the same sum in any order, so every engine and any number of threads finds the same
   points and the same labels. #}
{% macro position(axis) -%}
FLOOR(({{ transformed(axis) }} - {{ axis.centre | number }}) / {{ axis.scale | number }} * 1000000 + 0.5)
{%- endmacro %}

{# NULL where the transform is not defined, so that the statistics can say so. #}
{% macro transformed(feature) -%}
{% set value = as_double(feature.column | identifier) %}
{% if feature.transform == "log1p" -%}
CASE WHEN {{ value }} > -1 THEN LN(1 + {{ value }}) END
{%- elif feature.transform == "sqrt" -%}
CASE WHEN {{ value }} >= 0 THEN SQRT({{ value }}) END
{%- else -%}
{{ value }}
{%- endif %}
{%- endmacro %}

{# The number of the nearest centroid of every customer, with the features. #}
{% macro labelled(model) %}
SELECT
    "distances".*,
    CASE LEAST({% for _ in model.centroids %}"d{{ loop.index0 }}"{{ ", " if not loop.last }}{% endfor %})
{% for _ in model.centroids %}
        WHEN "d{{ loop.index0 }}" THEN {{ loop.index0 }}
{% endfor %}
    END AS "centroid"
FROM (
    SELECT
        "positions".*{{ "," }}
{% for centroid in model.centroids %}
        {% for at in centroid %}("p{{ loop.index0 }}" - {{ at | number }}) * ("p{{ loop.index0 }}" - {{ at | number }}){{ " + " if not loop.last }}{% endfor %} AS "d{{ loop.index0 }}"{{ "," if not loop.last }}
{% endfor %}
    FROM (
        SELECT
            "customer_features".*{{ "," }}
{% for axis in model.axes %}
            {{ position(axis) }} AS "p{{ loop.index0 }}"{{ "," if not loop.last }}
{% endfor %}
        FROM "customer_features"
        {{ computed_once() }}
    ) AS "positions"
) AS "distances"
{% endmacro %}

{# As `labelled`, with the segment's letter and name; the centroids stand in the order of the letters. #}
{% macro named(model) %}
SELECT
    "customer_unique_id",
    CASE "centroid"
{% for _ in model.centroids %}
        WHEN {{ loop.index0 }} THEN %(segment_{{ loop.index0 }})s
{% endfor %}
    END AS "segment",
    CASE "centroid"
{% for _ in model.centroids %}
        WHEN {{ loop.index0 }} THEN %(name_{{ loop.index0 }})s
{% endfor %}
    END AS "segment_name"
FROM (
    {{ labelled(model) }}
) AS "labelled"
{% endmacro %}
