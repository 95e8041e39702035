INSERT INTO {{ customer_segments }} ("customer_unique_id", "segment", "segment_name", "model_id", "labelled_at")
SELECT "customer_unique_id", "to_segment", "segment_name", %(model_id)s, %(labelled_at)s
FROM "changed_labels"
WHERE "from_segment" IS NULL
ORDER BY "customer_unique_id";
