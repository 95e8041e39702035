{% from "records.sql" import same_key %}
SELECT COUNT(*) AS "rows"
FROM {{ table.name | identifier }} AS "there"
JOIN {{ staged | identifier }} AS "staged" ON {{ same_key(table, '"staged"', '"there"') }};
