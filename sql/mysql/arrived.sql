{% from "labels_of_customers.sql" import wrong_rows %}
-- What has become of the labels in the shop's own table, by its odd rows. A key that is nobody's is no customer's.
SELECT
    SUM("#rows") AS "rows",
    COUNT(CASE WHEN "#row" = 1 AND "#key" IS NULL THEN 1 END) AS "without_key",
    COUNT(CASE WHEN "#row" = 1 AND "#key" IS NOT NULL AND "#segment" IS NULL THEN 1 END) AS "of_nobody",
    COUNT(CASE WHEN "#row" = 1 AND "#key" IS NULL AND "#label" IS NOT NULL THEN 1 END) AS "keyless",
    {{ wrong_rows('"#label"', '"#segment"') }},
    SUM("#customers") AS "customers",
    SUM("#customers") - SUM("#keys") + COUNT(DISTINCT CASE WHEN "#segment" IS NULL THEN "#key" END) AS "lost"
FROM "#odd_rows";
