{% set bought = "CASE WHEN \"amount\" < 0 THEN NULL ELSE %s END" if refunds else "%s" %}
-- The features that customers are compared by, a row for each of them. This file is yours:
-- docs/guides/your-own-tables.md says what it must select, and what it may.
WITH "counted_lines" AS (
    {{ lines }}
),
{% if once %}
-- The amount is the order's, and is repeated in each of its lines: it counts once.
"counted_orders" AS (
    SELECT "customer", "order", MIN("at") AS "at", MAX("amount") AS "amount"
    FROM "counted_lines"
    WHERE "customer" <> ''
    GROUP BY "customer", "order"
),
{% endif %}
"per_customer" AS (
    SELECT
        "customer" AS "customer_unique_id",
        -- Customers who got back more than they paid count as 0: a negative sum has no logarithm.
        GREATEST(COALESCE(SUM("amount"), 0), 0) AS "monetary",
{% for sentence in about %}
        -- {{ sentence }}
{% endfor %}
        COUNT({{ "DISTINCT " if distinct }}{{ bought | format(distinct or ("1" if refunds else "*")) }}) AS "frequency",
        MIN({{ bought | format('"at"') }}) AS "first_order_at",
        MAX({{ bought | format('"at"') }}) AS "last_order_at",
        COUNT(DISTINCT {{ bought | format('CAST("at" AS DATE)') }}) AS "order_days"
    FROM {{ '"counted_orders"' if once else '"counted_lines"' }}
{% if not once %}
    WHERE "customer" <> '' -- Nor NULL: what is nobody's is left out.
{% endif %}
    GROUP BY "customer"
)
SELECT
    "customer_unique_id",
    "monetary",
    "frequency",
    -- Days up to the last order in the data.
    {{ days_between('"last_order_at"', '(SELECT MAX("last_order_at") FROM "per_customer")') }} AS "recency_days",
    "first_order_at",
    "last_order_at",
    "order_days"
FROM "per_customer"
{% if refunds %}
-- Not those of whom there are refunds alone.
WHERE "frequency" > 0
{% endif %}
