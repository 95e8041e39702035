{% from "labels_of_customers.sql" import wrong_rows %}
-- What has become of the labels in the shop's own table, by its odd rows.
SELECT
    SUM("#rows") AS "rows",
    COUNT(CASE WHEN "#row" = 1 AND "#key" IS NULL THEN 1 END) AS "without_key",
    COUNT(CASE WHEN "#row" = 1 AND "#key" IS NOT NULL AND "#segment" IS NULL THEN 1 END) AS "of_nobody",
    COUNT(CASE WHEN "#row" = 1 AND "#key" IS NULL AND "#label" IS NOT NULL THEN 1 END) AS "keyless",
    {{ wrong_rows('CASE WHEN "#row" = 1 THEN "#label" END', 'CASE WHEN "#row" = 1 THEN "#segment" END') }},
    SUM("#customers") AS "customers",
    COUNT(CASE WHEN "#row" = 0 THEN 1 END) AS "lost"
FROM "#odd_rows";
