SELECT pg_advisory_unlock({{ lock_number() }}) AS "unlocked";
