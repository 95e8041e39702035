{% from "stored_features.sql" import day_of, first_counted, untouched with context %}
-- By how much recency_days has grown: the day that most customers' now counts up to comes first.
SELECT "day", COUNT(*) AS "customers"
FROM (
    SELECT {{ day_of('"now"."recency_days"', counted, "", '"known"."#day"') }} AS "day"
{% if touched %}
    FROM {{ customer_features_data }} AS "known"
{% else %}
    FROM (
        {{ first_counted(limit, touched) }}
    ) AS "known"
{% endif %}
    JOIN "#features" AS "now" ON "now"."customer_unique_id" = "known"."customer_unique_id"
{% if touched %}
    WHERE "known"."#day" IS NOT NULL
      AND {{ untouched("now") }}
{% endif %}
) AS "days"
WHERE "day" BETWEEN CAST('1900-01-01' AS DATE) AND CAST('2200-01-01' AS DATE)
GROUP BY "day"
ORDER BY "customers" DESC, "day"
LIMIT 2;
