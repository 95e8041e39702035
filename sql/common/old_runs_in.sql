-- The oldest runs, up to a moment, that the table still has rows of.
SELECT "run_id"
FROM {{ job_runs }}
WHERE "started_at" <= %(until)s AND EXISTS (
    SELECT 1
    FROM {{ table | identifier }}
    WHERE {{ table | identifier }}."run_id" = {{ job_runs }}."run_id"
)
ORDER BY "started_at", "run_id"
LIMIT {{ limit }};
