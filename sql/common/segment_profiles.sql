{% from "position.sql" import labelled with context %}
SELECT
    "centroid",
    COUNT(*) AS "customers",
    SUM("monetary") AS "monetary",
    SUM("frequency") AS "frequency",
    SUM("recency_days") AS "recency_days"
FROM (
    {{ labelled(model) }}
) AS "labelled"
GROUP BY "centroid"
ORDER BY "centroid";
