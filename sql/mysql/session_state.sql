SELECT 'database' AS "name", DATABASE() AS "value"
UNION ALL
SELECT 'autocommit', CAST(@@SESSION.autocommit AS CHAR)
UNION ALL
SELECT 'foreign_key_checks', CAST(@@SESSION.foreign_key_checks AS CHAR)
UNION ALL
SELECT 'unique_checks', CAST(@@SESSION.unique_checks AS CHAR);
