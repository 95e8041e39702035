{% from "rfm_scores.sql" import scored with context %}
-- Customers and their spend by RFM group; no group: who has no scores.
SELECT {{ rfm_groups }}."rfm_group" AS "rfm_group", COUNT(*) AS "customers", SUM("scored"."monetary") AS "spend"
FROM {{ scored(["monetary"]) }}
GROUP BY {{ rfm_groups }}."rfm_group"
ORDER BY {{ rfm_groups }}."rfm_group";
