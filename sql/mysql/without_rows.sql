-- A SELECT that names temporary tables more than once, which the server does not open twice: from empty rows of the
-- same types in their place.
WITH
{% for table, columns in tables %}
{{ table | identifier }} AS (
    SELECT * FROM JSON_TABLE('[]', '$[*]' COLUMNS (
    {% for column in columns %}
        {{ column.Field | identifier }} {{ column.Type }} {{ "COLLATE " ~ column.Collation if column.Collation }} PATH '$'{{ "," if not loop.last }}
    {% endfor %}
    )) AS "rows"
){{ "," if not loop.last }}
{% endfor %}
(
{{ features_sql }}
);
