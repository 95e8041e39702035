-- A facts_ file tells the report, by segment, what this shop's own tables know: a fact, and its value, or its first
-- items with their shares; some rows a segment. Where a table is missing or may not be read, the report goes without.
-- `label` is write_back.column, which is NULL for who has no segment.
SELECT
    "customers".{{ label | identifier }} AS "segment",
    'Review score' AS "fact",
    NULL AS "item",
    AVG("order_reviews"."review_score") AS "value"
FROM "order_reviews" {{ by_hash() }}
JOIN "orders" {{ by_hash() }} ON "orders"."order_id" = "order_reviews"."order_id"
JOIN "customers" {{ by_hash() }} ON "customers"."customer_id" = "orders"."customer_id"
WHERE "customers".{{ label | identifier }} IS NOT NULL
GROUP BY "customers".{{ label | identifier }};
