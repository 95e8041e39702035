{% from "stored_features.sql" import values with context %}
{# An UPDATE writes no -0 over a 0. #}
DELETE FROM {{ customer_features_data }}
WHERE "customer_unique_id" IN (SELECT "customer_unique_id" FROM "#changed" WHERE "#known" = 1);

INSERT INTO {{ customer_features_data }} ({{ columns | names }}, "#day")
SELECT
{{ values(columns) }}
FROM "#changed"
ORDER BY "customer_unique_id";
