-- One row per card. A sale without a card is a guest's; a refund is a sale with an amount below zero.
SELECT
    "card" AS "customer_unique_id",
    GREATEST(SUM("amount"), 0) AS "monetary",
    COUNT(CASE WHEN "amount" > 0 THEN 1 END) AS "frequency",
    CAST((SELECT MAX("sold_at") FROM "sales") AS DATE) - CAST(MAX("sold_at") AS DATE) AS "recency_days",
    MIN("sold_at") AS "first_order_at",
    MAX("sold_at") AS "last_order_at"
FROM "sales"
WHERE "card" IS NOT NULL
GROUP BY "card"
