SELECT
    "centroid",
{% for column in columns %}
    SUM({{ column | identifier }}) AS {{ column | identifier }},
{% endfor %}
    COUNT(*) AS "customers"
FROM "new_labels"
GROUP BY "centroid"
ORDER BY "centroid";
