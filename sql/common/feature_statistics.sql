{% from "position.sql" import given, included, transformed %}
SELECT
    (SELECT COUNT(*) FROM {{ customer_features }}) AS "all_customers",
    COUNT(*) AS "customers",
{% for feature in features %}
    COUNT({{ given(feature) }}) AS "given{{ loop.index0 }}",
    COUNT({{ transformed(feature) }}) AS "defined{{ loop.index0 }}",
    MIN({{ transformed(feature) }}) AS "low{{ loop.index0 }}",
    MAX({{ transformed(feature) }}) AS "high{{ loop.index0 }}",
    AVG({{ transformed(feature) }}) AS "mean{{ loop.index0 }}",
    STDDEV_POP({{ transformed(feature) }}) AS "deviation{{ loop.index0 }}"{{ "," if not loop.last }}
{% endfor %}
FROM {{ customer_features }}
{{ included(features) }};
