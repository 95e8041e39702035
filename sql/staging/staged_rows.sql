-- In the order of the key, or of the first column: servers make indexes of that faster than of the files' order.
SELECT {{ file.columns | names }}
FROM read_parquet({{ file.path | text }})
ORDER BY {{ (file.key or file.columns[:1]) | names }}
