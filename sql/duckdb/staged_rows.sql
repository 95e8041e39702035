SELECT {% for column in file.columns %}{{ column.name | identifier }}{{ ", " if not loop.last }}{% endfor %}

FROM read_parquet({{ file.path | text }})
{% if file.key and in_order %}
ORDER BY {% for column in file.key %}{{ column | identifier }}{{ ", " if not loop.last }}{% endfor %}

{% endif %}
