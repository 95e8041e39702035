{% from "new_labels.sql" import new_labels with context %}
-- What the customers of each centroid add up to, by the segment that they are in now; NULL: in none, they are new.
-- NULL of a feature adds what stands for it on the model's axes, else nothing.
{{ memory_to_join() }}
SELECT
    {{ customer_segments }}."segment" AS "#from_segment",
    "new_labels"."centroid",
{% for column in columns %}
{% set name = '"new_labels".' ~ column | identifier %}
    COALESCE(SUM({{ name }}), 0)
{%- if column in values_for_null %} + {{ values_for_null[column] }} * (COUNT(*) - COUNT({{ name }})){% endif %}
 AS {{ column | identifier }},
{% endfor %}
    COUNT(*) AS "customers"
FROM {{ new_labels(columns) }}
LEFT JOIN {{ customer_segments }}
    ON {{ customer_segments }}."customer_unique_id" = "new_labels"."customer_unique_id"
GROUP BY {{ customer_segments }}."segment", "new_labels"."centroid"
ORDER BY {{ customer_segments }}."segment", "new_labels"."centroid";
