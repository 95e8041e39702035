-- What the lines show: whether they are orders, and what is paid back.
WITH "counted_lines" AS (
    {{ lines }}
)
SELECT
    COUNT(*) AS "lines",
    (SELECT COUNT(*) FROM (SELECT 1 AS "one" FROM "counted_lines" GROUP BY "customer", "at") AS "moments") AS "moments",
    COUNT(CASE WHEN "amount" < 0 THEN 1 END) AS "negative",
{% if order %}
    COUNT("order") AS "numbered",
    COUNT(DISTINCT "order") AS "orders",
    MIN(CASE WHEN "amount" < 0 THEN {{ as_text('"order"') }} END) AS "example",
    (
        SELECT COUNT(*)
        FROM (
            SELECT 1 AS "one" FROM "counted_lines" GROUP BY "customer", "order" HAVING COUNT("amount") > 1
        ) AS "several"
    ) AS "several",
    (
        SELECT COUNT(*)
        FROM (
            SELECT 1 AS "one"
            FROM "counted_lines"
            GROUP BY "customer", "order"
            HAVING COUNT("amount") > 1 AND MIN("amount") = MAX("amount")
        ) AS "repeated"
    ) AS "repeated"
{% else %}
    0 AS "numbered", 0 AS "orders", NULL AS "example", 0 AS "several", 0 AS "repeated"
{% endif %}
FROM "counted_lines";
