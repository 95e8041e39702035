DELETE FROM {{ rejected_records }}
WHERE "table_name" = %(table_name)s;
