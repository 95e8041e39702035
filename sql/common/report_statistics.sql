-- One row about all customers.
SELECT
{% for column in columns %}
    COUNT({{ column | identifier }}) AS "count{{ loop.index0 }}",
    MIN({{ as_double(column | identifier) }}) AS "low{{ loop.index0 }}",
    AVG({{ as_double(column | identifier) }}) AS "mean{{ loop.index0 }}",
    STDDEV_POP({{ as_double(column | identifier) }}) AS "deviation{{ loop.index0 }}",
    MAX({{ as_double(column | identifier) }}) AS "high{{ loop.index0 }}",
{% endfor %}
    COUNT(*) AS "customers"
FROM {{ customer_features }};
