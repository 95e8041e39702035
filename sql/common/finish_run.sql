-- A run that was done stays done, whatever comes after its last commit.
UPDATE {{ job_runs }}
SET
    "status" = %(status)s,
    "finished_at" = %(finished_at)s,
    "model_id" = %(model_id)s,
    "row_counts" = %(row_counts)s,
    "timings" = %(timings)s,
    "figures" = %(figures)s,
    "error" = %(error)s
WHERE "run_id" = %(run_id)s AND "status" = 'running';
