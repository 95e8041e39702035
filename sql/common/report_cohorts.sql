{% from "report_labelled.sql" import labelled_features %}
{% macro month(column) -%}
EXTRACT(YEAR FROM {{ column | identifier }}) * 12 + EXTRACT(MONTH FROM {{ column | identifier }}) - 1
{%- endmacro %}
-- Customers by segment, by the month of their first order (months since the year 0), and by how many months after it
-- their last order is.
SELECT "segment", "month", "lasted", COUNT(*) AS "customers"
FROM (
    SELECT
        "#label" AS "segment",
        {{ month("first_order_at") }} AS "month",
        {{ month("last_order_at") }} - ({{ month("first_order_at") }}) AS "lasted"
    FROM {{ labelled_features() }}
) AS "cohorts"
WHERE "month" BETWEEN {{ first }} AND {{ last }}
GROUP BY "segment", "month", "lasted";
