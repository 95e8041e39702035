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

{# The values of a key, as people read them. #}
{% macro shown(of, columns) -%}
concat_ws(', ', {{ columns | names(of) }})
{%- endmacro %}
