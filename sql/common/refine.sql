{% from "position.sql" import labelled %}
-- The customers of every centroid, and their positions added up: where the centroid is to move.
SELECT
    "centroid",
{% for _ in axes %}
    SUM("p{{ loop.index0 }}") AS "s{{ loop.index0 }}",
{% endfor %}
    COUNT(*) AS "customers"
FROM (
    {{ labelled(axes, centroids) }}
) AS "labelled"
GROUP BY "centroid";
