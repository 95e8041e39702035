{% from "report_labelled.sql" import labelled_features %}
{% macro counted(column, condition) -%}
SUM(CASE WHEN {{ as_double(column | identifier) }} {{ condition }} THEN 1 ELSE 0 END)
{%- endmacro %}
-- Of the customers of each segment, how many ordered more than once; spent more than the median, or twice that, or half
-- of it at most; and ordered last within the shop's rhythm, or so many rhythms ago that they seem gone.
SELECT
    "#label" AS "segment",
    COUNT(*) AS "customers",
    {{ counted("frequency", ">= 2") }} AS "repeat",
    {{ counted("monetary", "> " ~ (median | number)) }} AS "more",
    {{ counted("monetary", "> " ~ (2 * median) | number) }} AS "much",
    {{ counted("monetary", "<= " ~ (median / 2) | number) }} AS "little",
    {{ counted("recency_days", "<= " ~ lately) if lately else 0 }} AS "lately",
    {{ counted("recency_days", "> " ~ gone) if lately else 0 }} AS "gone"
FROM {{ labelled_features() }}
GROUP BY "#label"
ORDER BY "#label";
