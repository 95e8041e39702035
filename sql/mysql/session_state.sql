-- The rest is set back.
SELECT 'database' AS "name", DATABASE() AS "value";
