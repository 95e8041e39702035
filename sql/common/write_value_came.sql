UPDATE {{ value_forecasts }}
SET
    "came_by" = %(came_by)s,
    "came_buyers" = %(buyers)s,
    "came_orders" = %(orders)s,
    "came_revenue" = %(revenue)s
WHERE "day" = %(day)s;
