{# The driver gives NULL for days that are none, such as 0000-00-00. #}
{% macro sent(name, type) -%}
{{ "CAST(%s AS CHAR)" | format(name | identifier) if type.startswith(("DATE", "TIME")) else name | identifier }}
{%- endmacro %}
SELECT
{% for name, type in types.items() %}
    {{ sent(name, type) }}{{ "," if not loop.last }}
{% endfor %}
FROM {{ table | identifier }};
