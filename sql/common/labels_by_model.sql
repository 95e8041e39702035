SELECT "model_id", COUNT(*) AS "customers"
FROM {{ customer_segments }}
GROUP BY "model_id";
