-- Some values of a column, as they come.
SELECT {{ column }} AS "value"
FROM {{ table | identifier }}
WHERE {{ column }} IS NOT NULL
LIMIT {{ limit }};
