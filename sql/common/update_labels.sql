{% from "new_label.sql" import letter, name %}
{{ more_memory() }}
UPDATE {{ customer_segments }}
SET
    "segment" = "named"."segment",
    "segment_name" = "named"."segment_name",
    "model_id" = %(model_id)s,
    "labelled_at" = %(labelled_at)s
FROM (
    SELECT "customer_unique_id", {{ letter(k) }} AS "segment", {{ name(k) }} AS "segment_name"
    FROM "new_labels"
) AS "named"
WHERE "named"."customer_unique_id" = {{ customer_segments }}."customer_unique_id"
  AND (
      "named"."segment" <> {{ customer_segments }}."segment"
      OR "named"."segment_name" <> {{ customer_segments }}."segment_name"
  );
