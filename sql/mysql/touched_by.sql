{# Customers of rows of tables that features.sql reads. staged: their keys, by table. The few come first: MySQL would
   look each customer up among them. #}
{% set of_orders = staged.items() | rejectattr(0, "equalto", "customers") | map("last") | list %}
INSERT INTO "touched_customers" ("customer_unique_id")
SELECT DISTINCT "customers"."customer_unique_id"
FROM (
{% if "customers" in staged %}
    SELECT "customer_id"
    FROM {{ staged["customers"] | identifier }}
{% endif %}
{{ "UNION" if "customers" in staged and of_orders }}
{% if of_orders %}
    SELECT "orders"."customer_id"
    FROM (
{% for table in of_orders %}
        SELECT "order_id"
        FROM {{ table | identifier }}
        {{ "UNION" if not loop.last }}
{% endfor %}
    ) AS "of_orders"
    STRAIGHT_JOIN "orders" ON "orders"."order_id" = "of_orders"."order_id"
{% endif %}
) AS "touched"
STRAIGHT_JOIN "customers" ON "customers"."customer_id" = "touched"."customer_id";
