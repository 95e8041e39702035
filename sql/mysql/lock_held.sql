SELECT COALESCE(IS_USED_LOCK({{ lock_name() }}) = CONNECTION_ID(), 0) AS "held";
