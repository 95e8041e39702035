-- Which of these customers have rows in one of the tables.
{% for records in tables %}
{% set id = as_text(records.key) %}
SELECT DISTINCT {{ id }} AS "customer_unique_id"
FROM {{ records.name | identifier }}
WHERE {{ id }} IN ({{ listed(customers) }})
{{ "UNION" if not loop.last }}
{% endfor %};
