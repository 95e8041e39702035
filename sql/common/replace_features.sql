DELETE FROM "customer_features";

INSERT INTO "customer_features"
    ("customer_unique_id", "monetary", "frequency", "recency_days", "first_order_at", "last_order_at")
{% include "features.sql" %};
