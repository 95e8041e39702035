{% from "new_labels.sql" import letter, name, new_labels with context %}
-- The customers whose label changes, and those who get one.
{{ memory_to_join() }}
CREATE TEMPORARY TABLE "changed_labels" {{ key_of_staged_labels() }} {{ until_commit() }} AS
SELECT "customer_unique_id", "from_segment", "to_segment", "segment_name"
FROM (
    SELECT
        "new_labels"."customer_unique_id",
        {{ customer_segments }}."segment" AS "from_segment",
        {{ customer_segments }}."segment_name" AS "from_name",
        {{ letter(k) }} AS "to_segment",
        {{ name(k) }} AS "segment_name"
    FROM {{ new_labels() }}
    LEFT JOIN {{ customer_segments }}
        ON {{ customer_segments }}."customer_unique_id" = "new_labels"."customer_unique_id"
) AS "compared"
WHERE "from_segment" IS NULL OR "from_segment" <> "to_segment" OR "from_name" <> "segment_name";
