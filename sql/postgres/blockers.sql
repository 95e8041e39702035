-- Number 0 is a prepared transaction. What others do, only members of their role and of pg_read_all_stats may see.
SELECT
    blocker.pid AS "session",
    activity.usename AS "user",
    activity.application_name AS "application",
    host(activity.client_addr) AS "host",
    activity.state AS "doing",
    activity.xact_start AT TIME ZONE 'UTC' AS "since",
    CASE WHEN activity.state IS NOT NULL THEN upper(split_part(btrim(activity.query), ' ', 1)) END AS "statement"
FROM unnest(pg_blocking_pids({{ session }})) AS blocker (pid)
LEFT JOIN pg_stat_activity AS activity ON activity.pid = blocker.pid;
