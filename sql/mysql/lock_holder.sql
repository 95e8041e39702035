-- Of other users' sessions, only the number is known without the PROCESS right.
SELECT
    holder."session",
    process.user AS "user",
    process.host AS "host",
    process.command AS "doing",
    UTC_TIMESTAMP() - INTERVAL process.time SECOND AS "since",
    NULL AS "began",
    NULL AS "statement"
FROM (SELECT IS_USED_LOCK({{ lock_name() }}) AS "session") AS holder
LEFT JOIN information_schema.processlist AS process ON process.id = holder."session";
