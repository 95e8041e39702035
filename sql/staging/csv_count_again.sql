{% from "csv.sql" import records %}
-- As csv_count.sql, read in parallel.
CREATE TEMPORARY TABLE "again" AS
SELECT COUNT(*) AS "records"
FROM {{ records(file, parallel=true) }};

SELECT "records", (SELECT COUNT(*) FROM reject_errors) AS "broken"
FROM "again";
