SELECT "run_id", "started_at", "model_id"
FROM {{ job_runs }}
WHERE "run_id" = %(run_id)s AND "status" = 'done' AND "model_id" IS NOT NULL;
