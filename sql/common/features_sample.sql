-- A customer's features: which there are, and of what kind.
SELECT *
FROM {{ customer_features }}
LIMIT 1;
