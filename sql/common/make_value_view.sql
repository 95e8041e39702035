{% from "value_cells_of.sql" import cell_of, histories with context %}
{# More than that has more digits than a product may. #}
{% set most_spend = "100000000000000" %}
CREATE OR REPLACE VIEW {{ customer_value }} AS
{% if known %}
SELECT
    "customers"."customer_unique_id" AS "customer_unique_id",
    {{ value_as_of }}."days" AS "within_days",
    {{ value_cells }}."order_chance" AS "order_chance",
    {{ value_cells }}."expected_orders" AS "expected_orders",
    CASE
        WHEN "customers"."spend" < {{ most_spend }}
        THEN ROUND(
            {{ value_cells }}."revenue_base"
                + {{ value_cells }}."revenue_per_spend" * CAST("customers"."spend" AS DECIMAL(18, 4)),
            2
        )
    END AS "expected_revenue"
FROM (
    SELECT "customer_unique_id", "again", "last_days", "last_days" + "recent_days" AS "known_days", "spend"
    FROM {{ histories(["customer_unique_id"]) }}
) AS "customers"
JOIN {{ value_as_of }} ON {{ value_as_of }}."id" = 1
JOIN {{ value_cells }}
    ON {{ value_cells }}."again" = "customers"."again"
    AND {{ value_cells }}."last_week" = {{ cell_of('"customers"."last_days"', value_as_of ~ '."weeks"') }}
    AND {{ value_cells }}."known_week" = {{ cell_of('"customers"."known_days"', value_as_of ~ '."weeks"') }};
{% else %}
-- The features do not tell the days of the orders.
SELECT
    {{ customer_features }}."customer_unique_id" AS "customer_unique_id",
    {{ value_as_of }}."days" AS "within_days",
    {{ value_cells }}."order_chance" AS "order_chance",
    {{ value_cells }}."expected_orders" AS "expected_orders",
    {{ value_cells }}."revenue_base" AS "expected_revenue"
FROM {{ customer_features }}
JOIN {{ value_as_of }} ON {{ value_as_of }}."id" = 0
JOIN {{ value_cells }} ON {{ value_cells }}."again" = -1;
{% endif %}
