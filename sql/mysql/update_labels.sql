{% from "new_label.sql" import letter, name %}
UPDATE {{ customer_segments }}
JOIN (
    SELECT "customer_unique_id", {{ letter(k) }} AS "segment", {{ name(k) }} AS "segment_name"
    FROM "new_labels"
) AS "named"
    ON "named"."customer_unique_id" = {{ customer_segments }}."customer_unique_id"
SET
    {{ customer_segments }}."segment" = "named"."segment",
    {{ customer_segments }}."segment_name" = "named"."segment_name",
    {{ customer_segments }}."model_id" = %(model_id)s,
    {{ customer_segments }}."labelled_at" = %(labelled_at)s
WHERE "named"."segment" <> {{ customer_segments }}."segment"
   OR "named"."segment_name" <> {{ customer_segments }}."segment_name";
