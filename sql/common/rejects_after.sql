-- The next records in the order of their places, after one of them.
SELECT "run_id", "table_name", "file_name", "line", "reason", "record"
FROM {{ rejected_records }}
WHERE ("run_id", "table_name", "file_name", "line") > (%(run_id)s, %(table_name)s, %(file_name)s, %(line)s)
ORDER BY "run_id", "table_name", "file_name", "line"
LIMIT {{ limit }};
