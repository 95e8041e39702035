-- Customers for whom a number is too large to reckon with; no comparison holds for what is no number.
SELECT
{% for column in columns %}
    COUNT(CASE WHEN NOT {{ column | identifier }} BETWEEN {{ (-largest) | number }} AND {{ largest | number }} THEN 1 END)
        AS "beyond{{ loop.index0 }}"{{ "," if not loop.last }}
{% endfor %}
FROM {{ customer_features }};
