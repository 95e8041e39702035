{% from "csv.sql" import records %}
-- As csv_count.sql, read in parallel.
SELECT COUNT(*) AS "records"
FROM {{ records(file, parallel=true) }};
