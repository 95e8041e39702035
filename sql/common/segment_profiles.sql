{% from "new_labels.sql" import new_labels with context %}
{% from "position.sql" import given %}
-- What the customers of each centroid add up to, by the bins of some axes: over one edge, and up to the next. NULL of a
-- feature is, and adds, what stands for it on the model's axes, else nothing.
SELECT
    "new_labels"."centroid",
{% for cut in cuts %}
    CASE
{% for edge in cut.edges %}
        WHEN {{ as_double(given(cut.axis)) }} <= {{ edge | number }} THEN {{ loop.index0 }}
{% endfor %}
        ELSE {{ cut.edges | length }}
    END AS "#bin{{ loop.index0 }}",
{% endfor %}
{% for column in columns %}
{% set name = '"new_labels".' ~ column | identifier %}
    COALESCE(SUM({{ name }}), 0)
{%- if column in values_for_null %} + {{ values_for_null[column] }} * (COUNT(*) - COUNT({{ name }})){% endif %}
 AS {{ column | identifier }},
{% endfor %}
    COUNT(*) AS "customers"
FROM {{ new_labels(columns) }}
GROUP BY "new_labels"."centroid"
{%- for _ in cuts %}, "#bin{{ loop.index0 }}"{% endfor %}

ORDER BY "new_labels"."centroid"
{%- for _ in cuts %}, "#bin{{ loop.index0 }}"{% endfor %};
