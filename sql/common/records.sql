{# What the statements about staged records have in common; `table` is the table, `staged` the name of the other. #}
{% macro names(columns, of="") -%}
{% for column in columns %}{{ of }}{{ column | identifier }}{{ ", " if not loop.last }}{% endfor %}
{%- endmacro %}

{% macro same_key(table, left, right) -%}
{% for column in table.keys.primary %}{{ left }}.{{ column | identifier }} = {{ right }}.{{ column | identifier }}{{ " AND " if not loop.last }}{% endfor %}
{%- endmacro %}
