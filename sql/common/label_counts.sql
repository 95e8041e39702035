SELECT "segment", COUNT(*) AS "customers"
FROM {{ customer_segments }}
GROUP BY "segment"
ORDER BY "segment";
