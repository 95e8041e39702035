SELECT "run_id", COUNT(*) AS "customers"
FROM {{ customer_segment_changes }}
GROUP BY "run_id";
