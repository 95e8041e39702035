{% from "position.sql" import labelled %}
-- Every customer's centroid, computed once for all that follows.
CREATE TEMPORARY TABLE "new_labels" {{ key_of_new_labels() }} AS
SELECT
    "customer_unique_id",
{% for column in columns %}
    {{ column | identifier }},
{% endfor %}
    "centroid"
FROM (
    {{ labelled(axes, centroids) }}
) AS "labelled";
