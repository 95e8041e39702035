-- Whether the last run could tell what is to come.
SELECT 1 AS "valued"
FROM {{ value_as_of }}
WHERE "day" IS NOT NULL;
