-- A facts_ file tells the report, by segment, what this shop's own tables know: a fact, and its value, or its first
-- items with their shares; some rows a segment. Where a table is missing or may not be read, the report goes without.
SELECT
    {{ customer_segments }}."segment",
    'Review score' AS "fact",
    NULL AS "item",
    AVG("order_reviews"."review_score") AS "value"
FROM "order_reviews"
JOIN "orders" ON "orders"."order_id" = "order_reviews"."order_id"
JOIN "customers" ON "customers"."customer_id" = "orders"."customer_id"
JOIN {{ customer_segments }} ON {{ customer_segments }}."customer_unique_id" = "customers"."customer_unique_id"
GROUP BY {{ customer_segments }}."segment";
