{# How a CSV file is read: every field as text, an empty one (quoted or not) as NULL. A record that has not as many
   fields as the header is an error: to list many of them, DuckDB would take more memory than for any records. In
   parallel, it may take lines within a long quoted field for records; else it passes over a last record whose quote is
   never closed. #}
{% macro records(file, parallel=false) -%}
read_csv(
    {{ file.csv | text }},
    columns = {
{% for name in file.fields %}
        {{ name | text }}: 'VARCHAR'{{ "," if not loop.last }}
{% endfor %}
    },
    auto_detect = false,
    header = true,
    delim = {{ file.source.format.delimiter | text }},
    quote = '"',
    escape = '"',
    strict_mode = true,
    parallel = {{ "true" if parallel else "false" }}
)
{%- endmacro %}

{# Every column twice: as text and as its type. #}
{% macro typed_records(file) -%}
SELECT
{% for column in file.columns %}
    {{ column.name | identifier }} AS "text{{ loop.index0 }}",
    {{ file.casts[loop.index0] }} AS "value{{ loop.index0 }}"{{ "," if not loop.last }}
{% endfor %}
FROM {{ records(file) }}
{%- endmacro %}

{% macro is_refused(column, index) -%}
"value{{ index }}" IS NULL{% if not column.required %} AND "text{{ index }}" IS NOT NULL{% endif %}
{%- endmacro %}

{% macro any_refused(file) -%}
{% for column in file.columns %}
{{ "OR " if not loop.first }}({{ is_refused(column, loop.index0) }})
{% endfor %}
{%- endmacro %}
