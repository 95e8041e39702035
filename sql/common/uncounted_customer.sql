SELECT "customer_unique_id"
FROM {{ customer_features_data }}
WHERE "#day" IS NULL AND "recency_days" IS NOT NULL
LIMIT 1;
