{% from "position.sql" import statistics, transformed_features with context %}
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
    {{ statistics(features) }}
FROM {{ transformed_features(features, '"features"') }};
