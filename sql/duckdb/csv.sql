{# How a CSV file is read: every field as text, an empty one (quoted or not) as NULL. #}
{% macro records(file, broken) %}
read_csv(
    {{ file.path | text }},
    columns = { {% for name in file.header %}{{ name | text }}: 'VARCHAR'{{ ", " if not loop.last }}{% endfor %} },
    auto_detect = false,
    header = true,
    delim = ',',
    quote = '"',
    escape = '"',
    strict_mode = true,
    {{ broken }}
)
{% endmacro %}

{# True where the field's text is no value of the column's type: nothing is rounded, cut or guessed. A required text
   (a key) must not end in a space, since MySQL would take it for the same text without. #}
{% macro refused(column) %}
{% set field = column.name | identifier %}
{% if column.type == "VARCHAR" %}
{{ "length(%s) > %d" | format(field, column.max_length) if column.max_length else "false" }}
{{- " OR suffix(%s, ' ')" | format(field) if column.required }}
{%- else %}
NOT COALESCE(regexp_full_match({{ field }}, {{ pattern(column) }}) AND {{ fits(column) }}, false)
{%- endif %}
{% endmacro %}

{% macro pattern(column) %}
{% if column.type == "DOUBLE" %}
'[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?'
{%- elif column.type.startswith("DECIMAL") %}
'[+-]?([0-9]+[.]?|[0-9]*[.][0-9]{1,{{ column.scale }}}0*)'
{%- elif column.type == "TIMESTAMP" %}
'[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?)?'
{%- else %}
'[+-]?[0-9]+'
{%- endif %}
{% endmacro %}

{% macro fits(column) %}
{% set value = "TRY_CAST(%s AS %s)" | format(column.name | identifier, column.type) %}
{{ "isfinite(%s)" | format(value) if column.type == "DOUBLE" else "%s IS NOT NULL" | format(value) }}
{%- endmacro %}

{% macro is_refused(column) %}
{% set field = column.name | identifier %}
({{ field }} IS {{ "NULL OR " if column.required else "NOT NULL AND " }}({{ refused(column) | trim }}))
{%- endmacro %}

{# The records with the table's types, in the table's order of columns. #}
{% macro typed(file) %}
SELECT
{% for column in file.columns %}
    CAST({{ column.name | identifier }} AS {{ column.type }}) AS {{ column.name | identifier }}{{ "," if not loop.last }}
{% endfor %}
FROM {{ records(file, "store_rejects = false") }}
{% endmacro %}
