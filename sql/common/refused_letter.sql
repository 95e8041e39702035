-- Whether a condition on the label's column refuses the label.
SELECT 1 AS "refused"
FROM (
    SELECT CAST({{ letter | text }} AS CHAR({{ letter | length }})) AS {{ column | identifier }}
) AS "label"
WHERE NOT (
    {{ condition }}
);
