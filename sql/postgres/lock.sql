-- Advisory locks belong to the database; this one's number is made of the name of the job's own tables.
SELECT pg_try_advisory_lock(
    hashtextextended('clientela ' || COALESCE(%(schema)s, current_schema()) || '.' || %(prefix)s, 0)
) AS "locked";
