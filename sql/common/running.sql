SELECT "run_id", "started_at", "started_by"
FROM {{ job_runs }}
WHERE "status" = 'running'
ORDER BY "started_at" DESC
LIMIT 1;
