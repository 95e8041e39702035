{% from "rfm_scores.sql" import scores, with_groups with context %}
CREATE OR REPLACE VIEW {{ customer_rfm }} AS
SELECT
    "scored"."customer_unique_id" AS "customer_unique_id",
    "scored"."r" AS "r",
    "scored"."f" AS "f",
    "scored"."m" AS "m",
    {{ rfm_groups }}."rfm_group" AS "rfm_group"
FROM {{ scores(["customer_unique_id"]) }}
{{ with_groups() }};
