{# As in duckdb/dialect.sql. Without LIMIT each logarithm is computed at every use: labels take 3 times as long. #}
{% macro as_double(value) -%} CAST({{ value }} AS DOUBLE) {%- endmacro %}

{% macro as_integer(value) -%} CAST({{ value }} AS SIGNED) {%- endmacro %}

{% macro as_text(value) -%} CAST({{ value }} AS CHAR) {%- endmacro %}

{% macro days_between(first, last) -%} DATEDIFF({{ last }}, {{ first }}) {%- endmacro %}

{% macro computed_once() -%} LIMIT 18446744073709551615 {%- endmacro %}

{# After the name of a temporary table of customers: its key, where joins need one. #}
{% macro customer_key() -%} (PRIMARY KEY ("customer_unique_id")) {%- endmacro %}

{# Before a join of whole tables that is worth more memory than a session has for one. #}
{% macro more_memory() -%} {%- endmacro %}

{# For ORDER BY: a text by its bytes, as any engine can. #}
{% macro bytewise(value) -%} {{ value }} {%- endmacro %}

{# MySQL joins by hash where it may use no index. On a million customers, reviews take 5 s so, and 245 s by index from a
   buffer pool of 128 MB. The version hides it from MariaDB, which would then compare each row with each. #}
{% macro by_hash() -%} /*!80020 USE INDEX () */ {%- endmacro %}
