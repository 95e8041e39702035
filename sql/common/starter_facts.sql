{% set unit = '"customer", "order"' if order else '"customer", "at"' %}
-- What the lines show: whether they are orders, what is paid back, and what is nobody's.
WITH "all_lines" AS (
    {{ lines }}
),
"counted_lines" AS (
    SELECT * FROM "all_lines" WHERE "customer" <> ''
)
SELECT
    COUNT(*) AS "lines",
    (SELECT COUNT(*) FROM (SELECT 1 AS "one" FROM "counted_lines" GROUP BY "customer", "at") AS "moments") AS "moments",
    COUNT(CASE WHEN "amount" < 0 THEN 1 END) AS "negative",
    (SELECT COUNT("amount") FROM "all_lines" WHERE "customer" IS NULL OR "customer" = '') AS "unknown",
    (SELECT SUM("amount") FROM "all_lines" WHERE "customer" IS NULL OR "customer" = '') AS "unknown_amount",
{% if order %}
    COUNT("order") AS "numbered",
    COUNT(DISTINCT "order") AS "orders",
    MIN(CASE WHEN "amount" < 0 THEN {{ as_text('"order"') }} END) AS "example",
{% else %}
    0 AS "numbered", 0 AS "orders", NULL AS "example",
{% endif %}
    (
        SELECT COUNT(*)
        FROM (SELECT 1 AS "one" FROM "counted_lines" GROUP BY {{ unit }} HAVING COUNT("amount") > 1) AS "several"
    ) AS "several",
    (
        SELECT COUNT(*)
        FROM (
            SELECT 1 AS "one"
            FROM "counted_lines"
            GROUP BY {{ unit }}
            HAVING COUNT("amount") > 1 AND MIN("amount") = MAX("amount")
        ) AS "repeated"
    ) AS "repeated",
    (
        SELECT COUNT(*)
        FROM (
            SELECT 1 AS "one" FROM "counted_lines" GROUP BY {{ unit }} HAVING COUNT(*) > 1 AND COUNT("amount") > 0
        ) AS "long"
    ) AS "long",
    (
        SELECT COUNT(*)
        FROM (
            SELECT 1 AS "one" FROM "counted_lines" GROUP BY {{ unit }} HAVING COUNT(*) > 1 AND COUNT("amount") = 1
        ) AS "single"
    ) AS "single"
FROM "counted_lines";
