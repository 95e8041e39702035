-- The number spells "clientel" in ASCII; advisory locks belong to the database.
SELECT pg_try_advisory_lock(x'636c69656e74656c'::bigint) AS "locked";
