{% set columns = table.columns | rejectattr("name", "in", table.keys.primary) | list %}
{# Texts are compared byte by byte: else one that only differs in spaces at its end would count as the same. #}
{% macro exact(column, of) -%}
{% set value = [column] | names(of) %}
{{ "CAST(%s AS BINARY)" | format(value) if column.type == "VARCHAR" else value }}
{%- endmacro %}
UPDATE {{ table.name | identifier }} AS "there"
JOIN {{ staged | identifier }} AS "staged" ON {{ table.keys.primary | pairs("staged", "there") }}
SET
{% for column in columns %}
    "there".{{ column.name | identifier }} = "staged".{{ column.name | identifier }}{{ "," if not loop.last }}
{% endfor %}
WHERE NOT (
{% for column in columns %}
    {{ "AND " if not loop.first }}{{ exact(column, "there") }} <=> {{ exact(column, "staged") }}
{% endfor %}
);
