{# A file's records as they were staged, each with its number. #}
{% macro numbered(file) -%}
(
    SELECT file_row_number AS "#record", * EXCLUDE (file_row_number)
    FROM read_parquet({{ file.path | text }}, file_row_number = true)
    WHERE NOT "#refused"
)
{%- endmacro %}

{# Those among them that nothing speaks against so far. #}
{% macro accepted(file) -%}
(
    SELECT *
    FROM {{ numbered(file) }}
    WHERE "#record" NOT IN (SELECT "record" FROM "rejects" WHERE "table" = {{ file.table | text }})
)
{%- endmacro %}

{% macro same(left, left_columns, right, right_columns) -%}
{% for column in left_columns %}{{ left }}.{{ column | identifier }} = {{ right }}.{{ right_columns[loop.index0] | identifier }}{{ " AND " if not loop.last }}{% endfor %}
{%- endmacro %}

{% macro shown(of, columns) -%}
concat_ws(', ', {% for column in columns %}{{ of }}.{{ column | identifier }}{{ ", " if not loop.last }}{% endfor %})
{%- endmacro %}
