SELECT GET_LOCK({{ name_of_lock() }}, 0) = 1 AS "locked";
