{# Where a customer stands on an axis: small steps from the mean, a whole number. Whole numbers add up to the same sum
   in any order, so every engine and any number of threads finds the same points and the same labels. #}
{% macro position(axis) -%}
{% set scaled = "(%s - %s) / %s" | format(transformed(axis), axis.centre | number, axis.scale | number) %}
FLOOR({{ scaled }} * {{ axis.unit | number }} + 0.5)
{%- endmacro %}

{# The number of the cell on an axis that a position is in. #}
{% macro cell(axis, index) -%}
FLOOR(("p{{ index }}" - {{ axis.low | number }}) / {{ axis.width | number }})
{%- endmacro %}

{% macro squared_offsets(axes) -%}
{% for _ in axes %}
{{ " + " if not loop.first }}"o{{ loop.index0 }}" * "o{{ loop.index0 }}"
{%- endfor %}
{%- endmacro %}

{% macro squared_distance(centroid) -%}
{% for at in centroid %}
{% set offset = '("p%d" - %s)' | format(loop.index0, at | number) %}
{{ " + " if not loop.first }}{{ offset }} * {{ offset }}
{%- endfor %}
{%- endmacro %}

{# The feature, or what stands for its NULL. #}
{% macro given(feature) -%}
{% set column = feature.column | identifier %}
{{ column if feature.nulls is string else "COALESCE(" ~ column ~ ", " ~ (feature.nulls | number) ~ ")" }}
{%- endmacro %}

{# NULL where the transform is not defined, so that the statistics can say so. #}
{% macro transformed(feature) -%}
{{ as_double(given(feature)) | transformed(feature.transform) }}
{%- endmacro %}

{# What axes are made from, of every feature, with `transformed_features` below it. #}
{% macro statistics(features) -%}
{% for _ in features %}
    COUNT("g{{ loop.index0 }}") AS "given{{ loop.index0 }}",
    COUNT("t{{ loop.index0 }}") AS "defined{{ loop.index0 }}",
    MIN("t{{ loop.index0 }}") AS "low{{ loop.index0 }}",
    MAX("t{{ loop.index0 }}") AS "high{{ loop.index0 }}",
    AVG("t{{ loop.index0 }}") AS "mean{{ loop.index0 }}",
    STDDEV_POP("t{{ loop.index0 }}") AS "deviation{{ loop.index0 }}"{{ "," if not loop.last }}
{% endfor %}
{%- endmacro %}

{% macro transformed_features(features, source) %}
(
    SELECT
{% for feature in features %}
        {{ given(feature) }} AS "g{{ loop.index0 }}",
        {{ transformed(feature) }} AS "t{{ loop.index0 }}"{{ "," if not loop.last }}
{% endfor %}
        {{ and_computed_once() }}
    FROM {{ source }}
    {{ included(features) }}
) AS "transformed"
{%- endmacro %}

{# Who takes part: nobody who is to be left out because a feature is NULL. #}
{% macro included(features) -%}
WHERE 1 = 1
{%- for feature in features if feature.nulls == "leave_out" %}
 AND {{ feature.column | identifier }} IS NOT NULL
{%- endfor %}
{%- endmacro %}

{# The position of every customer on every axis. #}
{% macro positions(axes) %}
SELECT
{% for axis in axes %}
    {{ position(axis) }} AS "p{{ loop.index0 }}"{{ "," if not loop.last }}
{% endfor %}
    {{ and_computed_once() }}
FROM {{ customer_features }}
{{ included(axes) }}
{% endmacro %}

{# The position of every customer, or of those that are given, on every axis, with the features. #}
{% macro with_positions(axes, customers=none) %}
SELECT
    "customers".*,
{% for axis in axes %}
    {{ position(axis) }} AS "p{{ loop.index0 }}"{{ "," if not loop.last }}
{% endfor %}
    {{ and_computed_once() }}
FROM {{ customers or customer_features }} AS "customers"
{{ included(axes) }}
{{ computed_once() }}
{% endmacro %}

{# The number of the nearest centroid of every customer, or of the box, with the features and positions. #}
{% macro labelled(axes, centroids, boxes=(), customers=none) %}
{% if boxes %}
SELECT
    "positions".*,
    CASE
{% for box in boxes[:-1] %}
        WHEN {{ inside(box) }} THEN {{ loop.index0 }}
{% endfor %}
        ELSE {{ boxes | length - 1 }}
    END AS "centroid"
    {{ and_computed_once() }}
FROM (
    {{ with_positions(axes, customers) }}
) AS "positions"
{% else %}
SELECT
    "distances".*,
    CASE LEAST({{ centroids | numbered("d") }})
{% for _ in centroids %}
        WHEN "d{{ loop.index0 }}" THEN {{ loop.index0 }}
{% endfor %}
    END AS "centroid"
    {{ and_computed_once() }}
FROM (
    SELECT
        "positions".*,
{% for centroid in centroids %}
        {{ squared_distance(centroid) }} AS "d{{ loop.index0 }}"{{ "," if not loop.last }}
{% endfor %}
    FROM (
        {{ with_positions(axes, customers) }}
    ) AS "positions"
) AS "distances"
{% endif %}
{% endmacro %}

{# Whether a customer is in a box: over one position, and up to another. #}
{% macro inside(box) -%}
{% for axis, over, up_to in box %}
{% if over is not none %}{{ " AND " if not loop.first }}"p{{ axis }}" > {{ over | number }}{% endif %}
{% if up_to is not none %}{{ " AND " if not loop.first or over is not none }}"p{{ axis }}" <= {{ up_to | number }}{% endif %}
{%- endfor %}
{%- endmacro %}
