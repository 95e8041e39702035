SELECT "name", "setting" AS "value"
FROM "pg_settings"
WHERE "source" = 'session'
UNION ALL
SELECT 'user', current_user
UNION ALL
SELECT 'transaction', CAST(txid_current() AS text);
