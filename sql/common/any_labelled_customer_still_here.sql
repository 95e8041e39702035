-- Whether any of the customers who have a label is still there.
SELECT 1 AS "still_here"
FROM {{ customer_segments }}
JOIN {{ customer_features }}
    ON {{ customer_features }}."customer_unique_id" = {{ customer_segments }}."customer_unique_id"
LIMIT 1;
