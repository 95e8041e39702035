-- The last run by a time that has labelled customers, with its model.
SELECT {{ job_runs }}."run_id", {{ job_runs }}."started_at", {{ segment_models }}."model"
FROM {{ job_runs }}
JOIN {{ segment_models }} ON {{ segment_models }}."model_id" = {{ job_runs }}."model_id"
WHERE {{ job_runs }}."status" = 'done' AND {{ job_runs }}."started_at" <= %(at)s
ORDER BY {{ job_runs }}."started_at" DESC, {{ job_runs }}."run_id" DESC
LIMIT 1;
