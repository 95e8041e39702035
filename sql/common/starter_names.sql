-- What another table calls the values of a column; a value may have names in several languages.
SELECT {{ as_text(key) }} AS "value", {{ called }} AS "name"
FROM {{ table | identifier }}
WHERE {{ called }} IS NOT NULL
LIMIT {{ limit }};
