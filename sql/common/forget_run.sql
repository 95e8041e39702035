DELETE FROM {{ table | identifier }}
WHERE "run_id" = %(run_id)s;
