-- Which columns a SELECT of the features gives.
SELECT *
FROM (
{{ features_sql }}
) AS "features"
LIMIT 0;
