-- The tables that the files fill, with the types that all values have at the moment. Nothing is guessed at night: a value
-- that is written otherwise is refused by file, line and column. This file is yours: docs/reference/types.md has the types.
{% for table in tables %}
CREATE TABLE {{ table.name | identifier }} (
{% for column in table.columns %}
{% if column.about %}
    -- {{ column.about }}
{% endif %}
    {{ column.name | identifier }} {{ column.type }}{{ " PRIMARY KEY" if column.name == table.key }}{{ "," if not loop.last }}
{% endfor %}
);
{% endfor %}
