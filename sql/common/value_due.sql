-- The forecasts that end on this day or up to a week before; the newest first.
SELECT
    "day",
    "days",
    "features",
    "customers",
    "order_days",
    "spend",
    "buyers",
    "orders",
    "revenue",
    "buyers_week_later",
    "orders_week_later",
    "revenue_week_later",
    "came_by"
FROM {{ value_forecasts }}
WHERE {{ days_after('"day"', '"days"') }} BETWEEN {{ days_after("CAST(%(day)s AS DATE)", "-7") }} AND CAST(%(day)s AS DATE)
ORDER BY "day" DESC;
