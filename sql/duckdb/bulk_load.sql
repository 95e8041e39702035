{% from "csv.sql" import typed with context %}
INSERT INTO {{ table | identifier }} ({% for column in file.columns %}{{ column.name | identifier }}{{ ", " if not loop.last }}{% endfor %})
{{ typed(file) }};
