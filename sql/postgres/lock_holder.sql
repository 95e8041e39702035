-- The lock's number as pg_locks has it: in two halves.
SELECT
    activity.pid AS "session",
    activity.usename AS "user",
    host(activity.client_addr) AS "host",
    activity.state AS "doing",
    activity.state_change AT TIME ZONE 'UTC' AS "since",
    activity.backend_start AS "began",
    NULL AS "statement"
FROM pg_locks
INNER JOIN pg_stat_activity AS activity ON activity.pid = pg_locks.pid
WHERE
    pg_locks.locktype = 'advisory'
    AND pg_locks.granted
    AND pg_locks.objsubid = 1
    AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND ((pg_locks.classid::bigint << 32) | pg_locks.objid::bigint) = {{ lock_number() }};
