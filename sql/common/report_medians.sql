{% from "report_labelled.sql" import labelled_features %}
-- The median spend of each segment: the mean of the one or two in the middle, found by counting the customers of each
-- amount, which are far fewer rows to sort than the customers.
SELECT "#label" AS "segment", AVG("monetary") AS "median"
FROM (
    SELECT
        "#label",
        "monetary",
        "customers",
        SUM("customers") OVER (PARTITION BY "#label" ORDER BY "monetary") AS "up_to",
        SUM("customers") OVER (PARTITION BY "#label") AS "total"
    FROM (
        SELECT "#label", "monetary", COUNT(*) AS "customers"
        FROM {{ labelled_features() }}
        WHERE "monetary" IS NOT NULL
        GROUP BY "#label", "monetary"
    ) AS "amounts"
) AS "counted"
WHERE 2 * "up_to" >= "total" AND 2 * ("up_to" - "customers") <= "total"
GROUP BY "#label"
ORDER BY "#label";
