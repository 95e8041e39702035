-- What the next runs, by their ids, have said.
SELECT "run_id", "figures", "error"
FROM {{ job_runs }}
WHERE "run_id" > %(run_id)s
ORDER BY "run_id"
LIMIT {{ limit }};
