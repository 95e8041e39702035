{% macro as_double(value) -%} CAST({{ value }} AS DOUBLE PRECISION) {%- endmacro %}

{# EXTRACT gives a numeric, which takes longer to compute with. #}
{% macro month_number(value) -%}
CAST(date_part('year', {{ value }}) * 12 + date_part('month', {{ value }}) - 1 AS INTEGER)
{%- endmacro %}

{% macro column_type(type, longest, columns, is_key) -%}
{{ {"DOUBLE": "DOUBLE PRECISION", "VARCHAR": "TEXT"}.get(type, type) }}
{%- endmacro %}

{% macro text_as_time(value, pattern) -%}
{% if pattern %}
{% set words = pattern | replace("%Y", "YYYY") | replace("%y", "YY") | replace("%m", "MM") | replace("%d", "DD") %}
{% set words = words | replace("%H", "HH24") | replace("%M", "MI") | replace("%S", "SS") %}
CAST(to_timestamp(NULLIF(TRIM({{ value }}), ''), {{ words | text }}) AS TIMESTAMP)
{%- else %}
CAST(NULLIF(TRIM({{ value }}), '') AS TIMESTAMP)
{%- endif %}
{%- endmacro %}

{% macro number_as_time(value, parts) -%}
to_timestamp(NULLIF({{ value }}, 0) / {{ parts }}.0) AT TIME ZONE 'UTC'
{%- endmacro %}

{# A subquery with such a column stays one, and several processes may compute it, unlike one that ends with OFFSET 0. A
   planner that looked into it would take the number of a centroid, by which is grouped, for another in every row. #}
{% macro and_computed_once() -%} , clock_timestamp() AS "#once" {%- endmacro %}

{# What takes whole tables in one go visits each page once. For no more than that: sorts of features, which come before,
   get slower by it. #}
{% macro memory_to_join() -%} SET LOCAL work_mem = '64MB'; {%- endmacro %}

{% macro memory_to_update() -%} SET LOCAL work_mem = '64MB'; {%- endmacro %}

{% macro bytewise(value) -%} {{ value }} COLLATE "C" {%- endmacro %}

{% macro temporary(table) -%} "pg_temp".{{ table | identifier }} {%- endmacro %}

{# Nothing is left in a session that a pooler gives on. #}
{% macro until_commit() -%} ON COMMIT DROP {%- endmacro %}

{# Advisory locks belong to the database; this one's number is made of the name of the job's own tables. #}
{% macro lock_number() -%}
hashtextextended('clientela ' || COALESCE(%(schema)s, current_schema()) || '.' || %(prefix)s, 0)
{%- endmacro %}

{# Of a row with these values. A row's hash is hashed once more, as it is a sum of those of its values. #}
{% macro hash_of(values) -%}
hashint8extended(hash_record_extended(ROW({{ values | join(", ") }}), 0), 0)
{%- endmacro %}

{# The values as they are stored: 1.0 is not 1.00, and a type needs no equality. #}
{% macro differ(columns, by_text, left, right) -%}
CAST(ROW({{ columns | names(left) }}) AS record) *<> CAST(ROW({{ columns | names(right) }}) AS record)
{%- endmacro %}
