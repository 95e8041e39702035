{% set id = as_text('"customer_unique_id"') %}
-- What all customers add up to, by the age of their last order: few rows, however many customers.
{{ memory_to_join() }}
SELECT
    "bin",
    COUNT(*) AS "customers",
    SUM("spend") AS "spend",
    MIN("spend") AS "least_spend",
    SUM(CASE WHEN "spend" < 0 THEN 1 ELSE 0 END) AS "negative",
    SUM("orders") AS "orders",
    MIN("orders") AS "fewest_orders",
    MAX("orders") AS "most_orders",
    SUM("days") AS "days",
    MIN("days") AS "newest",
    MAX("days") AS "oldest",
    SUM(CASE WHEN "days" < -1 THEN 1 ELSE 0 END) AS "before_zero",
    SUM("spreadsheet") AS "spreadsheet",
    MAX("ahead") AS "ahead",
    SUM(CASE WHEN "ahead" > 1 THEN 1 ELSE 0 END) AS "in_future"
FROM (
    SELECT
        {{ as_double('"monetary"') }} AS "spend",
        {{ as_double('"frequency"') }} AS "orders",
        {{ as_double('"recency_days"') }} AS "days",
        LEAST(GREATEST(FLOOR({{ as_double('"recency_days"') }} / {{ width }}), -1), {{ bins }}) AS "bin",
        CASE -- 5.51E+11, 5,51E+11, 5E+11
            WHEN SUBSTRING({{ id }}, 1, 1) BETWEEN '0' AND '9'
             AND SUBSTRING({{ id }}, 2, 1) IN ('.', ',', 'E', 'e')
             AND POSITION('E+' IN UPPER({{ id }})) > 1
            THEN 1
            ELSE 0
        END AS "spreadsheet",
        {{ days_between(today | text, '"last_order_at"') if dated else "0" }} AS "ahead"
    FROM {{ customer_features }}
) AS "customers"
GROUP BY "bin"
ORDER BY "bin";
