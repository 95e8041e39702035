{# The three places with the most orders of each segment, and their shares of its orders. `column` is one of the table
   customers. #}
{% macro places_by_orders(fact, column, label) -%}
SELECT "segment", {{ fact | text }} AS "fact", "item", "orders" / "total" AS "value"
FROM (
    SELECT
        "segment",
        "item",
        "orders",
        SUM("orders") OVER (PARTITION BY "segment") AS "total",
        ROW_NUMBER() OVER (PARTITION BY "segment" ORDER BY "orders" DESC, "item") AS "number"
    FROM (
        SELECT {{ label | identifier }} AS "segment", {{ column | identifier }} AS "item", 1.0 * COUNT(*) AS "orders"
        FROM "customers"
        WHERE {{ label | identifier }} IS NOT NULL AND {{ column | identifier }} IS NOT NULL
        GROUP BY {{ label | identifier }}, {{ column | identifier }}
    ) AS "places"
) AS "ranked"
WHERE "number" <= 3
ORDER BY "segment", "number";
{% endmacro %}
