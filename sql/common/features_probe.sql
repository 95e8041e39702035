-- Whether the features' SQL can be run.
SELECT "customer_unique_id", "monetary", "frequency", "recency_days"
FROM (
{{ features_sql }}
) AS "features"
LIMIT 0;
