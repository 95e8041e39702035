-- One row per person with a paid invoice. Credit notes are invoices below zero: taken off, and no purchase.
SELECT
    "person_id" AS "customer_unique_id",
    GREATEST(SUM("total"), 0) AS "monetary",
    COUNT(CASE WHEN "total" > 0 THEN 1 END) AS "frequency",
    (SELECT MAX("issued_on") FROM "billing"."invoices") - MAX("issued_on") AS "recency_days",
    MIN("issued_on") AS "first_order_at",
    MAX("issued_on") AS "last_order_at"
FROM "billing"."invoices"
WHERE "state" = 'paid' AND "person_id" IS NOT NULL
GROUP BY "person_id"
