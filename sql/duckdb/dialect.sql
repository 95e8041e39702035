{# What reads differently in a dialect, for statements that are otherwise the same in all. #}
{% macro as_double(value) -%} CAST({{ value }} AS DOUBLE) {%- endmacro %}

{% macro as_integer(value) -%} CAST({{ value }} AS BIGINT) {%- endmacro %}

{% macro as_text(value) -%} CAST({{ value }} AS VARCHAR) {%- endmacro %}

{% macro days_between(first, last) -%} CAST({{ last }} AS DATE) - CAST({{ first }} AS DATE) {%- endmacro %}

{# Ends a subquery whose columns are to be computed once, where the dialect would compute them at every use. #}
{% macro computed_once() -%} {%- endmacro %}

{# After the name of a temporary table of customers: its key, where joins need one. #}
{% macro customer_key() -%}  {%- endmacro %}

{# Before an update of whole tables, which DuckDB cannot do in whatever memory it has: 10 million rows need more than
   600 MB. #}
{% macro more_memory() -%} RESET memory_limit; {%- endmacro %}

{# For ORDER BY: a text by its bytes, as any engine can. #}
{% macro bytewise(value) -%} {{ value }} {%- endmacro %}

{# After a table, where whole tables are joined and the dialect would look each row up. #}
{% macro by_hash() -%} {%- endmacro %}
