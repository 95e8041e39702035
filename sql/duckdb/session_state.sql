SELECT 'schema' AS "name", concat_ws('.', current_database(), current_schema()) AS "value"
UNION ALL
SELECT 'transaction', CAST(txid_current() AS VARCHAR);
