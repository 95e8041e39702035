{% from "new_labels.sql" import newly_labelled with context %}
-- The customers who will be in no segment any more.
INSERT INTO "changed_labels" ("customer_unique_id", "from_segment", "to_segment", "segment_name")
SELECT "customer_unique_id", "segment", NULL, NULL
FROM {{ customer_segments }}
WHERE NOT EXISTS (
    SELECT 1
    FROM {{ newly_labelled() }}
    WHERE "new_labels"."customer_unique_id" = {{ customer_segments }}."customer_unique_id"
);
