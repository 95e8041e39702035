{% from "stored_features.sql" import values with context %}
{% set others = columns | reject("in", ["customer_unique_id", "recency_days"]) %}
UPDATE {{ customer_features_data }} AS "there"
SET
{% for column in others %}
    {{ column | identifier }} = "#changed".{{ column | identifier }},
{% endfor %}
    "recency_days" = CASE WHEN "#changed"."#day" IS NULL THEN "#changed"."recency_days" END,
    "#day" = "#changed"."#day"
FROM "#changed"
WHERE "#changed"."customer_unique_id" = "there"."customer_unique_id"
  AND "#changed"."#known" = 1;

INSERT INTO {{ customer_features_data }} ({{ columns | names }}, "#day")
SELECT
{{ values(columns) }}
FROM "#changed"
WHERE "#known" = 0
ORDER BY "customer_unique_id";
