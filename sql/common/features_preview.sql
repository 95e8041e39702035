{% from "position.sql" import given, included, transformed %}
{% set id = as_text('"customer_unique_id"') %}
{% set wrong = "(%s = '' OR %s LIKE '%% ' OR CHAR_LENGTH(%s) > 255)" | format(id, id, id) %}
-- What a run would find in the features, without customer_features.
WITH "features" AS (
{{ features_sql }}
)
SELECT
    (SELECT COUNT(*) FROM "features") AS "all_customers",
    (SELECT COUNT("customer_unique_id") FROM "features") AS "ids",
    (SELECT COUNT(DISTINCT {{ id }}) FROM "features") AS "different",
    (SELECT COUNT(*) FROM "features" WHERE {{ wrong }}) AS "wrong",
    (SELECT MIN({{ id }}) FROM "features" WHERE {{ wrong }}) AS "example",
    COUNT(*) AS "customers",
{% for feature in features %}
    COUNT({{ given(feature) }}) AS "given{{ loop.index0 }}",
    COUNT({{ transformed(feature) }}) AS "defined{{ loop.index0 }}",
    MIN({{ transformed(feature) }}) AS "low{{ loop.index0 }}",
    MAX({{ transformed(feature) }}) AS "high{{ loop.index0 }}",
    AVG({{ transformed(feature) }}) AS "mean{{ loop.index0 }}",
    STDDEV_POP({{ transformed(feature) }}) AS "deviation{{ loop.index0 }}"{{ "," if not loop.last }}
{% endfor %}
FROM "features"
{{ included(features) }};
