-- The tables that the files fill, with types that all values had when they were looked at. Nothing is guessed at night:
-- what is written otherwise is refused by file, line and column. This file is yours; docs/reference/types.md has all
-- types.
{% for table in tables %}
CREATE TABLE {{ table.name | identifier }} (
{% for column in table.columns %}
{% if column.about %}
    -- {{ column.about }}
{% endif %}
{% set key = " PRIMARY KEY" if column.name == table.key else "" %}
    {{ column.name | identifier }} {{ column.type }}{{ key }}{{ "," if not loop.last }}
{% endfor %}
);
{% endfor %}
