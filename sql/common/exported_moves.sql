-- Who moved in the runs after one, run by run.
SELECT
    "customer_unique_id", "from_segment", "to_segment", "monetary", "cause", "moved_at", "run_id"
FROM (
    SELECT {{ customer_moves }}.*, {{ job_runs }}."started_at"
    FROM {{ customer_moves }}
    JOIN {{ job_runs }} ON {{ job_runs }}."run_id" = {{ customer_moves }}."run_id"
    WHERE {{ job_runs }}."started_at" > (
        SELECT "started_at"
        FROM {{ job_runs }}
        WHERE "run_id" = {{ listed([since]) }}
    )
) AS "later"
ORDER BY "started_at", "run_id", {{ bytewise('"customer_unique_id"') }}
