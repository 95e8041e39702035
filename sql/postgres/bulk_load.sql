COPY {{ table | identifier }} ({% for column in columns %}{{ column.name | identifier }}{{ ", " if not loop.last }}{% endfor %})
FROM STDIN (FORMAT csv);
