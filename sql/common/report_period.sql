-- Of all customers: the days of their orders, and what of their spend is at nothing or below.
SELECT
{% if has_days %}
    MIN("first_order_at") AS "first",
    MAX("last_order_at") AS "last",
    MIN({{ as_double('"recency_days"') }}) AS "recency",
{% endif %}
    COALESCE(SUM(CASE WHEN "monetary" < 0 THEN 1 ELSE 0 END), 0) AS "below",
    COALESCE(SUM(CASE WHEN "monetary" < 0 THEN {{ as_double('"monetary"') }} END), 0) AS "below_by",
    COALESCE(SUM(CASE WHEN "monetary" = 0 THEN 1 ELSE 0 END), 0) AS "at_nothing"
FROM {{ customer_features }};
