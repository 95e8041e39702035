-- How many of the labels that were given customer_segments does not hold as it was given them.
SELECT
    COUNT(*) AS "given",
    SUM(
        CASE
            WHEN "changed_labels"."to_segment" = {{ customer_segments }}."segment"
             AND "changed_labels"."segment_name" = {{ customer_segments }}."segment_name"
            THEN 0
            WHEN "changed_labels"."to_segment" IS NULL AND {{ customer_segments }}."segment" IS NULL THEN 0
            ELSE 1
        END
    ) AS "unwritten"
FROM "changed_labels"
LEFT JOIN {{ customer_segments }}
    ON {{ customer_segments }}."customer_unique_id" = "changed_labels"."customer_unique_id";
