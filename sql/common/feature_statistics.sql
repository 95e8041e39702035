{% from "position.sql" import included, statistics with context %}
SELECT
    (SELECT COUNT(*) FROM {{ customer_features }}) AS "all_customers",
    COUNT(*) AS "customers",
    {{ statistics(features) }}
FROM {{ customer_features }}
{{ included(features) }};
