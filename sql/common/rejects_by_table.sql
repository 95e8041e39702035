SELECT "table_name", COUNT(*) AS "records"
FROM {{ rejected_records }}
GROUP BY "table_name";
