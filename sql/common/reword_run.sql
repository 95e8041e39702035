UPDATE {{ job_runs }}
SET "figures" = %(figures)s, "error" = %(error)s
WHERE "run_id" = %(run_id)s;
