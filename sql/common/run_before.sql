-- So many runs back from the last one that has labelled customers.
SELECT "started_at"
FROM {{ job_runs }}
WHERE "status" = 'done' AND "model_id" IS NOT NULL
ORDER BY "started_at" DESC, "run_id" DESC
LIMIT 1 OFFSET {{ back }};
