{# Customers of rows of a table that features.sql reads. #}
INSERT INTO "touched_customers" ("customer_unique_id")
SELECT DISTINCT "customer_unique_id"
FROM "customers"
WHERE "customer_id" IN (
{% if table == "customers" %}
    SELECT "customer_id"
    FROM {{ staged | identifier }}
{% else %}
    SELECT "customer_id"
    FROM "orders"
    WHERE "order_id" IN (
        SELECT "order_id"
        FROM {{ staged | identifier }}
    )
{% endif %}
);
