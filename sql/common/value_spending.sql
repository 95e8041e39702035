-- Customers who ordered on several days and spent something: by how many days, and by spend, in so many bins to each
-- factor of e.
SELECT
    "order_days" AS "orders",
    COUNT(*) AS "customers",
    SUM("monetary") AS "spend"
FROM (
    SELECT
        "order_days",
        "monetary",
        FLOOR(LN({{ as_double('"monetary"') }}) * {{ parts | number }}) AS "bin"
    FROM {{ customer_features }}
    WHERE "order_days" BETWEEN 2 AND 100000
      AND "monetary" > 0
) AS "bins"
GROUP BY "order_days", "bin"
LIMIT {{ limit }};
