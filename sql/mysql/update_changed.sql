{% from "records.sql" import same_key %}
{% set columns = table.columns | rejectattr("name", "in", table.keys.primary) | list %}
{# Texts are compared byte by byte: else one that only differs in spaces at its end would count as the same. #}
{% macro exact(column, of) -%}
{{ "CAST(%s.%s AS BINARY)" | format(of, column.name | identifier) if column.type == "VARCHAR" else "%s.%s" | format(of, column.name | identifier) }}
{%- endmacro %}
UPDATE {{ table.name | identifier }} AS "there"
JOIN {{ staged | identifier }} AS "staged" ON {{ same_key(table, '"staged"', '"there"') }}
SET
{% for column in columns %}
    "there".{{ column.name | identifier }} = "staged".{{ column.name | identifier }}{{ "," if not loop.last }}
{% endfor %}
WHERE NOT (
{% for column in columns %}
    {{ "AND " if not loop.first }}{{ exact(column, '"there"') }} <=> {{ exact(column, '"staged"') }}
{% endfor %}
);
