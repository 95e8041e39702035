-- The median spend of all customers, counted as in report_medians.sql.
SELECT AVG("monetary") AS "median"
FROM (
    SELECT
        "monetary",
        "customers",
        SUM("customers") OVER (ORDER BY "monetary") AS "up_to",
        SUM("customers") OVER () AS "total"
    FROM (
        SELECT "monetary", COUNT(*) AS "customers"
        FROM {{ customer_features }}
        WHERE "monetary" IS NOT NULL
        GROUP BY "monetary"
    ) AS "amounts"
) AS "counted"
WHERE 2 * "up_to" >= "total" AND 2 * ("up_to" - "customers") <= "total";
