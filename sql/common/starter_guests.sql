-- How many rows have an e-mail address and no customer's id.
SELECT COUNT(*) AS "guests"
FROM {{ table | identifier }}
WHERE ({{ customer }} IS NULL OR {{ as_text(customer) }} IN ('', '0'))
  AND {{ email }} <> '';
