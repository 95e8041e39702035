-- Texts that are not written as the others are.
SELECT COUNT(*) AS "unread"
FROM {{ table | identifier }}
WHERE TRIM({{ column }}) <> ''
  AND {{ read }} IS NULL;
