{% from "position.sql" import statistics, transformed_features with context %}
{% set all = features | map(attribute="nulls") | select("equalto", "leave_out") | list | length == 0 %}
SELECT
    {{ "COUNT(*)" if all else "(SELECT COUNT(*) FROM " ~ customer_features ~ ")" }} AS "all_customers",
    COUNT(*) AS "customers",
    {{ statistics(features) }}
FROM {{ transformed_features(features, customer_features) }};
