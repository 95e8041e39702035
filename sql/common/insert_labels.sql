{% from "new_label.sql" import letter, name %}
INSERT INTO {{ customer_segments }} ("customer_unique_id", "segment", "segment_name", "model_id", "labelled_at")
SELECT "named"."customer_unique_id", "named"."segment", "named"."segment_name", %(model_id)s, %(labelled_at)s
FROM (
    SELECT "customer_unique_id", {{ letter(k) }} AS "segment", {{ name(k) }} AS "segment_name"
    FROM "new_labels"
) AS "named"
WHERE NOT EXISTS (
    SELECT 1
    FROM {{ customer_segments }}
    WHERE {{ customer_segments }}."customer_unique_id" = "named"."customer_unique_id"
)
ORDER BY "named"."customer_unique_id";
