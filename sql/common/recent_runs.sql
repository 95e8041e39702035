SELECT "run_id", "status", "started_at", "finished_at", "model_id", "figures", "error"
FROM {{ job_runs }}
ORDER BY "started_at" DESC, "run_id" DESC
LIMIT {{ limit }};
