-- In the order of the key, or of the first column, which servers make indexes of faster: Olist takes 5.1 s so on
-- PostgreSQL, and 5.5 s in the order of the files.
SELECT {% for column in file.columns %}{{ column.name | identifier }}{{ ", " if not loop.last }}{% endfor %}

FROM read_parquet({{ file.path | text }})
ORDER BY {% for column in file.key or [file.columns[0].name] %}{{ column | identifier }}{{ ", " if not loop.last }}{% endfor %}

