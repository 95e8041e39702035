{% from "rfm_scores.sql" import scored with context %}
CREATE OR REPLACE VIEW {{ customer_rfm }} AS
SELECT
    "scored"."customer_unique_id" AS "customer_unique_id",
    "scored"."r" AS "r",
    "scored"."f" AS "f",
    "scored"."m" AS "m",
    {{ rfm_groups }}."rfm_group" AS "rfm_group"
FROM {{ scored(["customer_unique_id"]) }};
