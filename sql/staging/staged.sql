{# A file's records as they were staged, each with its number. #}
{% macro numbered(file) -%}
(
{% if file.comparison %}
    SELECT *
    FROM read_parquet({{ file.path | text }})
{% else %}
    SELECT file_row_number AS "#record", * EXCLUDE (file_row_number)
    FROM read_parquet({{ file.path | text }}, file_row_number = true)
{% endif %}
    WHERE NOT "#refused"
)
{%- endmacro %}

{# Of those that last night's file had, too, the columns that are remembered. #}
{% macro kept(file) -%}
(
    SELECT *
    FROM {{ file.comparison.known }}
    WHERE "#hash" NOT IN (SELECT "#hash" FROM {{ file.comparison.vanished }})
)
{%- endmacro %}

{# The keys of a parent's records, once all of them are staged; those of a file that is being staged are accepted. #}
{% macro keys_of(parent, columns, is_child) -%}
(
    SELECT {{ columns | names }}
    FROM {{ accepted(parent) if is_child else "read_parquet(%s)" | format(parent.path | text) }}
{% if parent.comparison %}
    UNION ALL
    SELECT {{ columns | names }}
    FROM {{ kept(parent) }}
{% endif %}
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
