-- Asked in a session as the driver opens it: no names in double quotes, and its own time zone. Takes rights that
-- deploy/privileges names.
{% if mariadb %}
SELECT DISTINCT
    holder.trx_mysql_thread_id AS session,
    process.user AS user,
    NULL AS application,
    process.host AS host,
    process.command AS doing,
    UTC_TIMESTAMP() - INTERVAL TIMESTAMPDIFF(SECOND, holder.trx_started, NOW()) SECOND AS since,
    UPPER(SUBSTRING_INDEX(TRIM(holder.trx_query), ' ', 1)) AS statement
FROM information_schema.innodb_lock_waits AS waits
INNER JOIN information_schema.innodb_trx AS waiter ON waiter.trx_id = waits.requesting_trx_id
INNER JOIN information_schema.innodb_trx AS holder ON holder.trx_id = waits.blocking_trx_id
LEFT JOIN information_schema.processlist AS process ON process.id = holder.trx_mysql_thread_id
WHERE waiter.trx_mysql_thread_id = {{ session }};
{% else %}
WITH waiter AS (
    SELECT thread_id FROM performance_schema.threads WHERE processlist_id = {{ session }}
),

holders AS (
    SELECT waits.blocking_thread_id AS thread_id
    FROM performance_schema.data_lock_waits AS waits
    INNER JOIN waiter ON waiter.thread_id = waits.requesting_thread_id
    UNION
    SELECT granted.owner_thread_id
    FROM performance_schema.metadata_locks AS pending
    INNER JOIN waiter ON waiter.thread_id = pending.owner_thread_id
    INNER JOIN performance_schema.metadata_locks AS granted
        ON
            granted.object_type = pending.object_type
            AND granted.object_schema = pending.object_schema
            AND granted.object_name = pending.object_name
            AND granted.owner_thread_id <> pending.owner_thread_id
    WHERE pending.lock_status = 'PENDING' AND granted.lock_status = 'GRANTED'
)

SELECT
    holder.processlist_id AS session,
    holder.processlist_user AS user,
    program.attr_value AS application,
    holder.processlist_host AS host,
    holder.processlist_command AS doing,
    UTC_TIMESTAMP() - INTERVAL CAST(open.timer_wait / 1000000000000 AS SIGNED) SECOND AS since,
    UPPER(SUBSTRING_INDEX(TRIM(said.sql_text), ' ', 1)) AS statement
FROM holders
INNER JOIN performance_schema.threads AS holder ON holder.thread_id = holders.thread_id
LEFT JOIN performance_schema.events_transactions_current AS open
    ON open.thread_id = holders.thread_id AND open.state = 'ACTIVE'
LEFT JOIN performance_schema.events_statements_current AS said ON said.thread_id = holders.thread_id
LEFT JOIN performance_schema.session_connect_attrs AS program
    ON program.processlist_id = holder.processlist_id AND program.attr_name = 'program_name';
{% endif %}
