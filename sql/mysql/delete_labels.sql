DELETE {{ customer_segments }}
FROM "changed_labels"
STRAIGHT_JOIN {{ customer_segments }}
    ON {{ customer_segments }}."customer_unique_id" = "changed_labels"."customer_unique_id"
WHERE "changed_labels"."to_segment" IS NULL;
