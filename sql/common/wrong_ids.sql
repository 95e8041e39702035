-- Ids that not every database can tell from others, or hold.
SELECT COUNT(*) AS "customers", MIN("customer_unique_id") AS "example"
FROM {{ customer_features }}
WHERE "customer_unique_id" = ''
   OR "customer_unique_id" LIKE '% '
   OR CHAR_LENGTH("customer_unique_id") > 255;
