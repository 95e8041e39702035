-- What each centroid's customers add up to. NULL adds what stands for it on the model's axes, else nothing.
SELECT
    "centroid",
{% for column in columns %}
{% set name = column | identifier %}
    COALESCE(SUM({{ name }}), 0)
{%- if column in values_for_null %} + {{ values_for_null[column] }} * (COUNT(*) - COUNT({{ name }})){% endif %}
 AS {{ name }},
{% endfor %}
    COUNT(*) AS "customers"
FROM "new_labels"
GROUP BY "centroid"
ORDER BY "centroid";
