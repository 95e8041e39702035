SELECT "column_name" AS "name", "column_type" AS "type"
FROM (
    DESCRIBE {{ customer_features }}
) AS "shape";
