{# How a CSV file is read: every field as text, an empty one (quoted or not) as NULL. A record that has not as many
   fields as the header is an error: to list many of them, DuckDB would take more memory than for any records. Not in
   parallel: it may take lines within a long quoted field for records. Else it passes over a last record whose quote is
   never closed; the number of records tells. #}
{% macro read(paths, fields, file) -%}
read_csv(
{% if paths | length == 1 %}
    {{ paths[0] | text }},
{% else %}
    [
{% for path in paths %}
        {{ path | text }}{{ "," if not loop.last }}
{% endfor %}
    ],
{% endif %}
    columns = {
{% for name in fields %}
        {{ name | text }}: 'VARCHAR'{{ "," if not loop.last }}
{% endfor %}
    },
    auto_detect = false,
    header = true,
    delim = {{ file.source.format.delimiter | text }},
    quote = '"',
    escape = '"',
    strict_mode = true,
    parallel = false
)
{%- endmacro %}

{# Its columns, with NULL in place of the texts that stand for it. #}
{% macro with_nulls(file) -%}
{% for column in file.columns %}
{% set name, nulls = column.name | identifier, file.nulls(column) %}
{% if nulls %}
CASE WHEN {{ name }} NOT IN ({{ nulls | map("text") | join(", ") }}) THEN {{ name }} END AS {{ name }}
{%- else %}
{{ name }}
{%- endif %}
{{ ", " if not loop.last }}
{%- endfor %}
{%- endmacro %}

{# The records of a table's files, one file after the other; files may have their columns in other orders. #}
{% macro records(file) -%}
{% if file.runs | length == 1 and not file.has_nulls %}
{{ read(file.runs[0][0], file.runs[0][1], file) }}
{%- else %}
(
{% for paths, fields in file.runs %}
    SELECT {{ with_nulls(file) | indent(4) }}
    FROM {{ read(paths, fields, file) | indent(4) }}
    {{ "UNION ALL" if not loop.last }}
{% endfor %}
)
{%- endif %}
{%- endmacro %}

{# What stands for a record, however it is quoted: 128 bits, of the fields as such and of the text that they make. #}
{% macro record_hash(file) -%}
{% set fields = file.columns | names %}
CAST(hash({{ fields }}) AS UHUGEINT) * 18446744073709551616 + hash(concat_ws(
    chr(31),
{% for column in file.columns %}
    coalesce({{ column.name | identifier }}, chr(30)){{ "," if not loop.last }}
{% endfor %}
))
{%- endmacro %}

{# Every column twice: as text and as its type; others are columns of the source besides. #}
{% macro typed(file, source, others="") -%}
SELECT
{% for column in file.columns %}
    {{ column.name | identifier }} AS "text{{ loop.index0 }}",
    {{ file.casts[loop.index0] }} AS "value{{ loop.index0 }}"{{ "," if others or not loop.last }}
{% endfor %}
{% if others %}
    {{ others }}
{% endif %}
FROM {{ source }}
{%- endmacro %}

{% macro typed_records(file) -%}
{{ typed(file, records(file), (record_hash(file) | indent(4)) ~ ' AS "#hash"' if file.hashed else "") }}
{%- endmacro %}

{# Those of its records that last night's file had not. #}
{% macro new_records(file) -%}
(SELECT * FROM read_parquet({{ file.comparison.path | text }}) WHERE NOT "#known")
{%- endmacro %}

{% macro is_refused(column, index) -%}
"value{{ index }}" IS NULL{% if not column.required %} AND "text{{ index }}" IS NOT NULL{% endif %}
{%- endmacro %}

{% macro any_refused(file) -%}
{% for column in file.columns %}
{{ "OR " if not loop.first }}({{ is_refused(column, loop.index0) }})
{% endfor %}
{%- endmacro %}
