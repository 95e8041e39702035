-- The last runs that have labelled customers, the newest first{% if run_id %}, from this one back{% endif %}.
SELECT
    "run_id", "started_at", "finished_at", "config_fingerprint", "input_fingerprint", "model_id", "timings", "figures"
FROM {{ job_runs }}
WHERE "status" = 'done' AND "model_id" IS NOT NULL
{% if run_id %}
  AND "started_at" <= (SELECT "started_at" FROM {{ job_runs }} WHERE "run_id" = %(run_id)s)
{% endif %}
ORDER BY "started_at" DESC, "run_id" DESC
LIMIT {{ limit }};
