{# As in common/dialect.sql. Without OFFSET 0 each logarithm is computed at every use: labels take 6 times as long. #}
{% macro as_double(value) -%} CAST({{ value }} AS DOUBLE PRECISION) {%- endmacro %}

{% macro as_integer(value) -%} CAST({{ value }} AS BIGINT) {%- endmacro %}

{% macro as_text(value) -%} CAST({{ value }} AS VARCHAR) {%- endmacro %}

{% macro days_between(first, last) -%} CAST({{ last }} AS DATE) - CAST({{ first }} AS DATE) {%- endmacro %}

{% macro computed_once() -%} OFFSET 0 {%- endmacro %}

{# After the name of a temporary table of customers: its key, where joins need one. #}
{% macro customer_key() -%}  {%- endmacro %}

{# For ORDER BY: a text by its bytes, as any engine can. #}
{% macro bytewise(value) -%} {{ value }} COLLATE "C" {%- endmacro %}

{# After a table, where whole tables are joined and the dialect would look each row up. #}
{% macro by_hash() -%} {%- endmacro %}
