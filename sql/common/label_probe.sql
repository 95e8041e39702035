-- Whether the label can be read.
SELECT {{ target.column | identifier }} AS "label"
FROM {{ target.name | identifier }}
LIMIT 0;
