{% from "value_cells_of.sql" import cell_of, histories with context %}
-- Customers by cells, so many weeks wide: what their times and their spend add up to.
SELECT
    "again",
    "last_week",
    "known_week",
    COUNT(*) AS "customers",
    SUM("last_days") AS "last_days",
    SUM("last_days" + "recent_days") AS "known_days",
    SUM("spend") AS "spend",
    MAX({{ days_after('"last_day"', '"recent_days"') }}) AS "day"
FROM (
    SELECT
        "again",
        "last_day",
        "last_days",
        "recent_days",
        "spend",
        {{ cell_of('"last_days"', weeks) }} AS "last_week",
        {{ cell_of('("last_days" + "recent_days")', weeks) }} AS "known_week"
    FROM {{ histories() }}
) AS "cells"
GROUP BY "again", "last_week", "known_week"
LIMIT {{ limit }};
