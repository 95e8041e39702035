-- Advisory locks belong to the database; this one's number is made of the name of the job's own tables.
SELECT pg_try_advisory_lock({{ lock_number() }}) AS "locked";
