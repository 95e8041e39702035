INSERT INTO {{ table | identifier }} ({% for column in file.columns %}{{ column.name | identifier }}{{ ", " if not loop.last }}{% endfor %})
{% include "staged_rows.sql" %};
