SELECT pid AS "session", backend_start AS "began"
FROM pg_stat_activity
WHERE pid = pg_backend_pid();
