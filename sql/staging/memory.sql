{# What is remembered of each table, and of what state it is. #}
{% macro write_states(states) -%}
INSERT INTO "last_night"."tables"
VALUES
{% for table, state in states.items() %}
    ({{ table | text }}, {{ state | text }}){{ "," if not loop.last }}
{% endfor %}
{%- endmacro %}
