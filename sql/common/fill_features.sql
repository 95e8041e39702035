{% from "stored_features.sql" import day_of, values with context %}
INSERT INTO {{ customer_features_data }} ({{ columns | names }}, "#day")
SELECT
{{ values(columns) }}
FROM (
    SELECT
        {{ columns | names }},
        {{ day_of('"recency_days"', counted, "-", as_of()) }} AS "#day"
    FROM (
{{ features_sql }}
    ) AS "features"
) AS "features"
ORDER BY "customer_unique_id";
