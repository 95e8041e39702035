-- In the order of the key: servers then make their indexes faster. Without a key, the first column is likely to have one.
SELECT {% for column in file.columns %}{{ column.name | identifier }}{{ ", " if not loop.last }}{% endfor %}

FROM read_parquet({{ file.path | text }})
ORDER BY {% for column in file.key or [file.columns[0].name] %}{{ column | identifier }}{{ ", " if not loop.last }}{% endfor %}

