-- Whether a column that no key guards tells the rows of a table apart.
SELECT COUNT({{ column }}) - COUNT(DISTINCT {{ column }}) AS "doubled"
FROM {{ table | identifier }};
