{% from "new_label.sql" import letter %}
INSERT INTO {{ customer_segment_changes }} ("run_id", "customer_unique_id", "from_segment", "to_segment")
SELECT %(run_id)s, "moved"."customer_unique_id", "moved"."from_segment", "moved"."to_segment"
FROM (
    SELECT
        "new_labels"."customer_unique_id",
        {{ customer_segments }}."segment" AS "from_segment",
        {{ letter(k) }} AS "to_segment"
    FROM "new_labels"
    LEFT JOIN {{ customer_segments }}
        ON {{ customer_segments }}."customer_unique_id" = "new_labels"."customer_unique_id"
) AS "moved"
WHERE "moved"."from_segment" IS NULL OR "moved"."from_segment" <> "moved"."to_segment";

INSERT INTO {{ customer_segment_changes }} ("run_id", "customer_unique_id", "from_segment", "to_segment")
SELECT %(run_id)s, "customer_unique_id", "segment", NULL
FROM {{ customer_segments }}
WHERE NOT EXISTS (
    SELECT 1
    FROM "new_labels"
    WHERE "new_labels"."customer_unique_id" = {{ customer_segments }}."customer_unique_id"
);
