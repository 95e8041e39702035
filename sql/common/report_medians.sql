{% from "report_labelled.sql" import labelled_features %}
-- The median spend of each segment: the mean of the one or two in the middle.
SELECT "label" AS "segment", AVG("monetary") AS "median"
FROM (
    SELECT
        "label",
        "monetary",
        ROW_NUMBER() OVER (PARTITION BY "label" ORDER BY "monetary") AS "number",
        COUNT(*) OVER (PARTITION BY "label") AS "customers"
    FROM {{ labelled_features() }}
    WHERE "monetary" IS NOT NULL
) AS "ranked"
WHERE 2 * "number" BETWEEN "customers" AND "customers" + 2
GROUP BY "label"
ORDER BY "label";
