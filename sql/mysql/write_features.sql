{% from "stored_features.sql" import values with context %}
{% set others = columns | reject("in", ["customer_unique_id", "recency_days"]) %}
UPDATE "#changed"
STRAIGHT_JOIN {{ customer_features_data }} AS "there"
    ON "there"."customer_unique_id" = "#changed"."customer_unique_id"
SET
{% for column in others %}
    "there".{{ column | identifier }} = "#changed".{{ column | identifier }},
{% endfor %}
    "there"."recency_days" = CASE WHEN "#changed"."#day" IS NULL THEN "#changed"."recency_days" END,
    "there"."#day" = "#changed"."#day"
WHERE "#changed"."#known" = 1;

INSERT INTO {{ customer_features_data }} ({{ columns | names }}, "#day")
SELECT
{{ values(columns) }}
FROM "#changed"
WHERE "#known" = 0
ORDER BY "customer_unique_id";
