-- Whoever holds the lock knows that a run which still counts as running has died.
UPDATE {{ job_runs }}
SET "status" = 'interrupted', "finished_at" = %(started_at)s
WHERE "status" = 'running';

INSERT INTO {{ job_runs }} ("run_id", "status", "started_at", "started_by", "config_fingerprint", "input_fingerprint")
VALUES (%(run_id)s, 'running', %(started_at)s, %(started_by)s, %(config_fingerprint)s, %(input_fingerprint)s);
