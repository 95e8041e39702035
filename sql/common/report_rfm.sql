{% from "rfm_scores.sql" import scores, with_groups with context %}
-- Customers and their spend by RFM group; no group: who has no scores.
SELECT
    {{ rfm_groups }}."rfm_group" AS "rfm_group",
    SUM("scored"."customers") AS "customers",
    SUM("scored"."spend") AS "spend"
FROM (
    SELECT "r", "f", "m", COUNT(*) AS "customers", SUM("monetary") AS "spend"
    FROM {{ scores(["monetary"]) }}
    GROUP BY "r", "f", "m"
) AS "scored"
{{ with_groups() }}
GROUP BY {{ rfm_groups }}."rfm_group"
ORDER BY {{ rfm_groups }}."rfm_group";
