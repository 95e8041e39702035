-- Customers who ordered on several days, by the whole days between two of their orders, on average: a row for each
-- number of days.
SELECT "days", COUNT(*) AS "customers"
FROM (
    SELECT
        FLOOR(
            {{ as_double(days_between('"first_order_at"', '"last_order_at"')) }}
            / ({{ as_double('"frequency"') }} - 1)
        ) AS "days"
    FROM {{ customer_features }}
    WHERE {{ as_double('"frequency"') }} >= 2
) AS "gaps"
WHERE "days" >= 1
GROUP BY "days"
ORDER BY "days";
