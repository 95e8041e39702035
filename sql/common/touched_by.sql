{# Customers of rows of tables that features.sql reads. staged: their keys, by table. #}
{% set of_orders = staged.items() | rejectattr(0, "equalto", "customers") | map("last") | list %}
INSERT INTO "touched_customers" ("customer_unique_id")
SELECT DISTINCT "customer_unique_id"
FROM "customers"
WHERE "customer_id" IN (
{% if "customers" in staged %}
    SELECT "customer_id"
    FROM {{ staged["customers"] | identifier }}
{% endif %}
{{ "UNION" if "customers" in staged and of_orders }}
{% if of_orders %}
    SELECT "customer_id"
    FROM "orders"
    WHERE "order_id" IN (
{% for table in of_orders %}
        SELECT "order_id"
        FROM {{ table | identifier }}
        {{ "UNION" if not loop.last }}
{% endfor %}
    )
{% endif %}
);
