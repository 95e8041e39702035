-- What a primary key would refuse.
SELECT COUNT(*) AS "customers", MIN("customer_unique_id") AS "example"
FROM (
    SELECT "customer_unique_id"
    FROM {{ customer_features }}
    GROUP BY "customer_unique_id"
    HAVING COUNT(*) > 1
) AS "doubled";
