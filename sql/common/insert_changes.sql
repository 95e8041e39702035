INSERT INTO {{ customer_segment_changes }} (
    "run_id", "customer_unique_id", "from_segment", "to_segment", "monetary", "cause"
)
SELECT
    %(run_id)s,
    "changed_labels"."customer_unique_id",
    "changed_labels"."from_segment",
    "changed_labels"."to_segment",
    {{ as_double('"spend"."monetary"') }},
{% if by_model %}
    CASE WHEN "moved_by_model"."customer_unique_id" IS NULL THEN %(cause)s ELSE 'model' END
{% else %}
    %(cause)s
{% endif %}
FROM "changed_labels"
LEFT JOIN (
    SELECT "customer_unique_id", "monetary"
    FROM {{ customer_features }}
) AS "spend" ON "spend"."customer_unique_id" = "changed_labels"."customer_unique_id"
{% if by_model %}
LEFT JOIN "moved_by_model"
    ON "moved_by_model"."customer_unique_id" = "changed_labels"."customer_unique_id"
{% endif %}
WHERE "changed_labels"."from_segment" IS NULL
   OR "changed_labels"."to_segment" IS NULL
   OR "changed_labels"."from_segment" <> "changed_labels"."to_segment";
