-- The model of the last run that was done: a rollback is a run, too.
SELECT "model", "fitted_at"
FROM {{ segment_models }}
WHERE "model_id" = (
    SELECT "model_id"
    FROM {{ job_runs }}
    WHERE "status" = 'done' AND "model_id" IS NOT NULL
    ORDER BY "started_at" DESC, "run_id" DESC
    LIMIT 1
);
