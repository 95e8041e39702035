{# Of a key, a text that is the same to the table in other letters may have changed. #}
{% set columns = table.columns | rejectattr("name", "in", table.keys.primary) | list %}
{% set columns = columns + table.columns | selectattr("name", "in", table.keys.primary) | selectattr("loose") | list %}
{# JSON, and a domain of an ENUM, have no equality: their texts have. #}
{% macro comparable(of) -%}
{% for column in columns %}
{% set value = [column] | names(of) %}
{{ 'CAST(%s AS text) COLLATE "C"' | format(value) if column.loose or column.type in ("JSON", "ENUM") else value }}{{ ", " if not loop.last }}
{%- endfor %}
{%- endmacro %}
UPDATE {{ table.name | identifier }} AS "there"
SET
{% for column in columns %}
    {{ column.name | identifier }} = "staged".{{ column.name | identifier }}{{ "," if not loop.last }}
{% endfor %}
FROM {{ staged | identifier }} AS "staged"
WHERE {{ table.keys.primary | pairs("staged", "there") }}
  AND ({{ comparable("there") }})
      IS DISTINCT FROM ({{ comparable("staged") }});
