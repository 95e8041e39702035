DELETE FROM {{ customer_features_data }}
WHERE NOT EXISTS (
    SELECT 1
    FROM "#features"
    WHERE "#features"."customer_unique_id" = {{ customer_features_data }}."customer_unique_id"
)
{% if touched %}
  AND "customer_unique_id" IN (SELECT "customer_unique_id" FROM "touched_customers")
{% endif %};
