SELECT "column_name" AS "name", "column_type" AS "type"
FROM (
    DESCRIBE
    SELECT *
    FROM (
{{ features_sql }}
    ) AS "features"
) AS "shape";
