DESCRIBE
SELECT *
FROM (
{{ features_sql }}
) AS "features";
