SELECT GET_LOCK({{ lock_name() }}, 0) = 1 AS "locked";
