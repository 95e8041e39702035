SELECT COALESCE(IS_USED_LOCK({{ name_of_lock() }}) = CONNECTION_ID(), 0) AS "held";
