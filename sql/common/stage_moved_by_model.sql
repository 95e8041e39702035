{% from "position.sql" import labelled %}
{% set changed_customers %}
(
            SELECT {{ customer_features }}.*, "changed_labels"."from_segment" AS "#from"
            FROM "changed_labels"
            JOIN {{ customer_features }}
                ON {{ customer_features }}."customer_unique_id" = "changed_labels"."customer_unique_id"
            WHERE "changed_labels"."from_segment" <> "changed_labels"."to_segment"
        )
{%- endset %}
-- The customers with another segment whom the model before would have left in theirs, as they are tonight.
CREATE TEMPORARY TABLE "moved_by_model" {{ key_of_staged_labels() }} {{ until_commit() }} AS
SELECT "customer_unique_id"
FROM (
    {{ labelled(axes, centroids, boxes, changed_customers) }}
) AS "before"
WHERE "centroid" = ASCII("#from") - ASCII('A');
