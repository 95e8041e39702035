-- Lock names are the server's, not the database's, and at most 64 characters long.
SELECT GET_LOCK({{ lock_name() }}, 0) = 1 AS "locked";
