UPDATE "changed_labels"
STRAIGHT_JOIN {{ customer_segments }}
    ON {{ customer_segments }}."customer_unique_id" = "changed_labels"."customer_unique_id"
SET
    {{ customer_segments }}."segment" = "changed_labels"."to_segment",
    {{ customer_segments }}."segment_name" = "changed_labels"."segment_name",
    {{ customer_segments }}."model_id" = %(model_id)s,
    {{ customer_segments }}."labelled_at" = %(labelled_at)s
WHERE "changed_labels"."from_segment" IS NOT NULL AND "changed_labels"."to_segment" IS NOT NULL;
