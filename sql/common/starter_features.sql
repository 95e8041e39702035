{% set id = as_text(customer) %}
-- The features that customers are compared by, a row for each of them. This file is yours:
-- docs/guides/your-own-tables.md says what it must select, and what it may.
WITH "per_customer" AS (
    SELECT
        {{ id }} AS "customer_unique_id",
        -- Customers who got back more than they paid count as 0: a negative sum has no logarithm.
        GREATEST(COALESCE(SUM({{ amount }}), 0), 0) AS "monetary",
{% if order %}
        -- An order counts once, however many amounts it has, and not at all if it has none.
        COUNT(DISTINCT {{ order }}) AS "frequency",
{% else %}
        -- Each row counts as an order. If a row is one line of an order: COUNT(DISTINCT "order_number").
        COUNT(*) AS "frequency",
{% endif %}
        MIN({{ date }}) AS "first_order_at",
        MAX({{ date }}) AS "last_order_at"
    FROM {{ table | identifier }}
{% if parent %}
    JOIN {{ parent | identifier }} ON {{ parent_key }} = {{ reference }}
{% endif %}
    WHERE {{ customer }} IS NOT NULL
      AND {{ date }} IS NOT NULL
      -- Leave out here what is not a purchase, such as
      --   cancelled orders: AND "status" <> 'cancelled'
      --   refunds: AND {{ amount }} > 0 (left in, they lower what the customer spent)
      --   amounts in other currencies: AND "currency" = 'EUR' (or convert them in SUM, above)
      --   orders without an account: AND {{ customer }} <> the id that they all have
    GROUP BY {{ id }}
)
SELECT
    "customer_unique_id",
    "monetary",
    "frequency",
    -- Days up to the last order in the data.
    {{ days_between('"last_order_at"', '(SELECT MAX("last_order_at") FROM "per_customer")') }} AS "recency_days",
    "first_order_at",
    "last_order_at"
FROM "per_customer"
