SELECT pg_try_advisory_lock({{ lock_number() }}) AS "locked";
