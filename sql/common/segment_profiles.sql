{% from "new_labels.sql" import new_labels with context %}
-- What the customers of each centroid add up to. NULL of a feature adds what stands for it on the model's axes, else
-- nothing.
SELECT
    "new_labels"."centroid",
{% for column in columns %}
{% set name = '"new_labels".' ~ column | identifier %}
    COALESCE(SUM({{ name }}), 0)
{%- if column in values_for_null %} + {{ values_for_null[column] }} * (COUNT(*) - COUNT({{ name }})){% endif %}
 AS {{ column | identifier }},
{% endfor %}
    COUNT(*) AS "customers"
FROM {{ new_labels(columns) }}
GROUP BY "new_labels"."centroid"
ORDER BY "new_labels"."centroid";
