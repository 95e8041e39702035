INSERT INTO {{ table.name | identifier }} ({{ table.columns | names }})
SELECT {{ table.columns | names }}
FROM {{ staged | identifier }};
