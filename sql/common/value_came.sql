{% from "value_cells_of.sql" import histories with context %}
-- Of the customers who had ordered by a day: what they add up to now, and how many have ordered since.
SELECT
    COUNT(*) AS "customers",
    COALESCE(SUM("again" + 1), 0) AS "order_days",
    COALESCE(SUM("spend"), 0) AS "spend",
    COALESCE(SUM(CASE WHEN "last_day" > CAST(%(day)s AS DATE) THEN 1 ELSE 0 END), 0) AS "buyers"
FROM {{ histories(until="CAST(%(day)s AS DATE)") }};
