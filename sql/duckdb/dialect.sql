{# What has rows of customers has no primary key: DuckDB holds a key's whole index in memory, more than it may have for
   10 million customers, and the job's statements give a customer one row by themselves. #}
{% macro key_of_customers(columns) -%} {%- endmacro %}

{# DuckDB cannot update whole tables in whatever memory it has. #}
{% macro memory_to_update() -%} RESET memory_limit; {%- endmacro %}

{% macro temporary(table) -%} "temp".{{ table | identifier }} {%- endmacro %}

{# Of a row with these values. #}
{% macro hash_of(values) -%} CAST(hash({{ values | join(", ") }}) AS HUGEINT) {%- endmacro %}

{% macro sha256(value) -%} sha256({{ value }}) {%- endmacro %}
