CREATE TEMPORARY TABLE {{ staged | identifier }} ON COMMIT DROP AS
SELECT {{ table.columns | names }}
FROM {{ table.name | identifier }}
WITH NO DATA;
