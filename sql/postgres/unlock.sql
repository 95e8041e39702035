SELECT pg_advisory_unlock({{ number_of_lock() }}) AS "unlocked";
