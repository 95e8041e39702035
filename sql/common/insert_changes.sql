INSERT INTO {{ customer_segment_changes }} ("run_id", "customer_unique_id", "from_segment", "to_segment")
SELECT %(run_id)s, "customer_unique_id", "from_segment", "to_segment"
FROM "changed_labels"
WHERE "from_segment" IS NULL OR "to_segment" IS NULL OR "from_segment" <> "to_segment";
