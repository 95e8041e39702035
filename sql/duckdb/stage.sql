CREATE OR REPLACE TEMPORARY TABLE {{ staged | identifier }} AS
SELECT {{ table.columns | names }}
FROM {{ table.name | identifier }}
WITH NO DATA;
