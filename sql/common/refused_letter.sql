-- Whether a condition on the label's column refuses the letter.
SELECT 1 AS "refused"
FROM (
    SELECT CAST({{ letter | text }} AS CHAR(1)) AS {{ column | identifier }}
) AS "label"
WHERE NOT (
    {{ condition }}
);
