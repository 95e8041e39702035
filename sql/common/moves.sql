-- Customers by the segment that they are in (NULL: in none, they are new) and the centroid that they go to.
SELECT {{ customer_segments }}."segment" AS "from_segment", "new_labels"."centroid", COUNT(*) AS "customers"
FROM "new_labels"
LEFT JOIN {{ customer_segments }}
    ON {{ customer_segments }}."customer_unique_id" = "new_labels"."customer_unique_id"
GROUP BY {{ customer_segments }}."segment", "new_labels"."centroid"
ORDER BY {{ customer_segments }}."segment", "new_labels"."centroid";
