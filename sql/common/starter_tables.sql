-- The tables that the files fill, with types that all values had when they were looked at. Nothing is guessed at night:
-- what is written otherwise is refused by file, line and column. This file is yours; docs/reference/types.md has all
-- types.
{% for table in tables %}
{% for name in table.doubled %}
-- More than one column is called {{ name | tojson }}: none of them is taken. To have one, call the others otherwise.
{% endfor %}
CREATE TABLE {{ table.name | identifier }} (
{% for column in table.columns %}
{% if column.about %}
    -- {{ column.about }}
{% endif %}
{% set key = " PRIMARY KEY" if column.name == table.key and column.longest <= longest_key else "" %}
{% set type = column_type(column.type, column.longest, table.columns | length, key) %}
    {{ column.name | identifier }} {{ type }}{{ key }}{{ "," if not loop.last }}
{% endfor %}
){{ tables_options }};
{% endfor %}
