{# Keys are unique byte by byte, whatever a column's collation, by which `=` would compare them. #}
{% macro same_key(table, one, other) -%}
{% for column in table.columns if column.name in table.keys.primary %}
{% set shape = "encode(%s)" if column.type == "VARCHAR" else "%s" %}
{{ "AND " if not loop.first }}{{ shape | format([column] | names(one)) }} = {{ shape | format([column] | names(other)) }}
{% endfor %}
{%- endmacro %}
