DELETE FROM {{ customer_features }};

INSERT INTO {{ customer_features }} ({{ columns | names }})
SELECT {{ columns | names }}
FROM (
{{ features_sql }}
) AS "features"
ORDER BY "customer_unique_id";
