{% from "report_labelled.sql" import labelled_features %}
-- Customers by segment, by the month of their first order (months since the year 0), and by how many months after it
-- their last order is.
SELECT "segment", "month", "last_month" - "month" AS "lasted", COUNT(*) AS "customers"
FROM (
    SELECT
        "#label" AS "segment",
        {{ month_number('"first_order_at"') }} AS "month",
        {{ month_number('"last_order_at"') }} AS "last_month"
        {{ and_computed_once() }}
    FROM {{ labelled_features() }}
) AS "cohorts"
WHERE "month" BETWEEN {{ first }} AND {{ last }}
GROUP BY "segment", "month", "last_month";
