{% from "stored_features.sql" import day_of with context %}
{% set others = columns | reject("equalto", "customer_unique_id") | list %}
CREATE TEMPORARY TABLE "#changed" {{ key_of_staged_labels() }} {{ until_commit() }} AS
SELECT
    {{ columns | names("now") }},
    {{ day_of('"now"."recency_days"', counted, "-", as_of()) }} AS "#day",
    CASE WHEN "there"."customer_unique_id" IS NULL THEN 0 ELSE 1 END AS "#known"
FROM "#features" AS "now"
LEFT JOIN {{ customer_features }} AS "there" ON "there"."customer_unique_id" = "now"."customer_unique_id"
WHERE "there"."customer_unique_id" IS NULL
   OR {{ differ(others, by_text, "now", "there") }};
