{{ memory_to_update() }}
UPDATE {{ customer_segments }}
SET
    "segment" = "changed_labels"."to_segment",
    "segment_name" = "changed_labels"."segment_name",
    "model_id" = %(model_id)s,
    "labelled_at" = %(labelled_at)s
FROM "changed_labels"
WHERE "changed_labels"."customer_unique_id" = {{ customer_segments }}."customer_unique_id"
  AND "changed_labels"."from_segment" IS NOT NULL
  AND "changed_labels"."to_segment" IS NOT NULL;
