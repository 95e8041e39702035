SELECT pg_try_advisory_lock({{ number_of_lock() }}) AS "locked";
