{% from "position.sql" import labelled with context %}
-- Every customer's centroid, computed once for all that follows.
CREATE TEMPORARY TABLE "new_labels" AS
SELECT
    "customer_unique_id",
{% for column, value in values_for_null.items() %}
    COALESCE({{ column | identifier }}, {{ value | number }}) AS {{ column | identifier }},
{% endfor %}
    "centroid"
FROM (
    {{ labelled(axes, centroids) }}
) AS "labelled";
