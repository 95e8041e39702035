INSERT INTO {{ table | identifier }} ({{ file.columns | names }})
SELECT {{ file.columns | names }}
FROM read_parquet({{ file.path | text }});
