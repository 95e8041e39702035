{# As in duckdb/dialect.sql. Without OFFSET 0 each logarithm is computed at every use: labels take 6 times as long. #}
{% macro as_double(value) -%} CAST({{ value }} AS DOUBLE PRECISION) {%- endmacro %}

{% macro as_integer(value) -%} CAST({{ value }} AS BIGINT) {%- endmacro %}

{% macro as_text(value) -%} CAST({{ value }} AS VARCHAR) {%- endmacro %}

{% macro days_between(first, last) -%} CAST({{ last }} AS DATE) - CAST({{ first }} AS DATE) {%- endmacro %}

{% macro computed_once() -%} OFFSET 0 {%- endmacro %}

{# After the name of a temporary table of customers: its key, where joins need one. #}
{% macro customer_key() -%}  {%- endmacro %}

{# Before a join of whole tables that is worth more memory than a session has for one: an update that takes them in
   one go visits each page once, 2.1 s for a million customers in place of 3.9 s. Sorts of features get slower by it. #}
{% macro more_memory() -%} SET LOCAL work_mem = '64MB'; {%- endmacro %}

{# For ORDER BY: a text by its bytes, as any engine can. #}
{% macro bytewise(value) -%} {{ value }} COLLATE "C" {%- endmacro %}

{# After a table, where whole tables are joined and the dialect would look each row up. #}
{% macro by_hash() -%} {%- endmacro %}
