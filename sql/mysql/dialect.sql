{# As in common/dialect.sql. Without LIMIT each logarithm is computed at every use: labels take 3 times as long. #}
{% macro as_double(value) -%} CAST({{ value }} AS DOUBLE) {%- endmacro %}

{% macro as_integer(value) -%} CAST({{ value }} AS SIGNED) {%- endmacro %}

{% macro as_text(value) -%} CAST({{ value }} AS CHAR) {%- endmacro %}

{% macro computed_once() -%} LIMIT 18446744073709551615 {%- endmacro %}

{# After the name of a temporary table of customers: its key, where joins need one. #}
{% macro customer_key() -%} (PRIMARY KEY ("customer_unique_id")) {%- endmacro %}

{# For ORDER BY: a text by its bytes, as any engine can. #}
{% macro bytewise(value) -%} {{ value }} {%- endmacro %}
