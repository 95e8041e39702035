INSERT INTO {{ table | identifier }} ({% for column in columns %}{{ column.name | identifier }}{{ ", " if not loop.last }}{% endfor %})
VALUES ({% for column in columns %}%s{{ ", " if not loop.last }}{% endfor %});
