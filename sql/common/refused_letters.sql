-- The letters that a constraint of the label's column refuses.
SELECT {{ column | identifier }} AS "letter"
FROM (
{% for letter in letters %}
    {{ "UNION ALL " if not loop.first }}SELECT {{ letter | text }} AS {{ column | identifier }}
{% endfor %}
) AS "letters"
WHERE NOT (
    {{ condition }}
)
ORDER BY 1;
