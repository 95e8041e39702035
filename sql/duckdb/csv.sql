{# How a CSV file is read: every field as text, an empty one (quoted or not) as NULL. Records that have not as many
   fields as the header are left out, and listed in reject_errors. In parallel, DuckDB may take lines within a long
   quoted field for records; else it passes over a last record whose quote is never closed. #}
{% macro records(file, parallel=false) %}
read_csv(
    {{ file.csv | text }},
    columns = { {% for name in file.fields %}{{ name | text }}: 'VARCHAR'{{ ", " if not loop.last }}{% endfor %} },
    auto_detect = false,
    header = true,
    delim = {{ file.source.format.delimiter | text }},
    quote = '"',
    escape = '"',
    strict_mode = true,
    parallel = {{ "true" if parallel else "false" }},
    store_rejects = true
)
{% endmacro %}

{# The field as the column's type; NULL where it is no value of that type: nothing is rounded, cut or guessed. A
   required text (a key) must not end in a space, since MySQL would take it for the same text without. #}
{% macro typed(column, formats) %}
{% set field = column.name | identifier %}
{% set value = "TRY_CAST(%s AS %s)" | format(field, column.type) %}
{% if column.type == "VARCHAR" %}
{% set conditions = [] %}
{% if column.max_length %}{% set _ = conditions.append("length(%s) <= %d" | format(field, column.max_length)) %}{% endif %}
{% if column.required %}{% set _ = conditions.append("NOT suffix(%s, ' ')" | format(field)) %}{% endif %}
{{ "CASE WHEN %s THEN %s END" | format(conditions | join(" AND "), field) if conditions else field }}
{%- elif column.type == "DOUBLE" %}
CASE WHEN regexp_full_match({{ field }}, {{ pattern(column) }}) AND isfinite({{ value }}) THEN {{ value }} END
{%- elif column.type == "TIMESTAMP" %}
{% set iso = "CASE WHEN regexp_full_match(%s, %s) THEN %s END" | format(field, pattern(column), value) %}
{{ within_years("COALESCE(%s, try_strptime(%s, [%s]))" | format(iso, field, formats | map("text") | join(", ")) if formats else iso) }}
{%- else %}
CASE WHEN regexp_full_match({{ field }}, {{ pattern(column) }}) THEN {{ value }} END
{%- endif %}
{% endmacro %}

{# Four digits of a year are what every engine stores; the year 0 is not. #}
{% macro within_years(value) -%}
CASE WHEN {{ value }} BETWEEN '0001-01-01' AND '9999-12-31 23:59:59.999999' THEN {{ value }} END
{%- endmacro %}

{% macro pattern(column) %}
{% if column.type == "DOUBLE" %}
'[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?'
{%- elif column.type.startswith("DECIMAL") %}
'[+-]?([0-9]+[.]?|[0-9]*[.][0-9]{1,{{ column.precision[1] }}}0*)'
{%- elif column.type == "TIMESTAMP" %}
'[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?)?'
{%- elif column.type == "DATE" %}
'[0-9]{4}-[0-9]{2}-[0-9]{2}'
{%- else %}
'[+-]?[0-9]+'
{%- endif %}
{% endmacro %}

{# Every column twice: as text and as its type. #}
{% macro typed_records(file) %}
SELECT
{% for column in file.columns %}
    {{ column.name | identifier }} AS "text{{ loop.index0 }}",
    {{ typed(column, file.source.format.timestamp_formats) | trim }} AS "value{{ loop.index0 }}"{{ "," if not loop.last }}
{% endfor %}
FROM {{ records(file) }}
{% endmacro %}

{% macro is_refused(column, index) -%}
"value{{ index }}" IS NULL{{ ' AND "text%d" IS NOT NULL' | format(index) if not column.required }}
{%- endmacro %}

{% macro any_refused(file) %}
{% for column in file.columns %}
        ({{ is_refused(column, loop.index0) }}){{ " OR" if not loop.last }}
{% endfor %}
{% endmacro %}
