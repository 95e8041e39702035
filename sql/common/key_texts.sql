{# Columns of keys as texts, under their own names: of times, drivers make what DuckDB does not read back. #}
{% macro texts(columns) -%}
{% for column in columns %}
{{ as_text(column | identifier) | trim }} AS {{ column | identifier }}{{ ", " if not loop.last }}
{%- endfor %}
{%- endmacro %}
