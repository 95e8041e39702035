{# What may read differently in a dialect. Every statement has these at hand; a dialect's dialect.sql defines anew what
   it calls otherwise. #}
{% set timestamp = "TIMESTAMP" %}
{% set long_text = "TEXT" %}

{# Behind the columns of a table that the job makes. #}
{% set table_options = "" %}

{# Behind the last column of a table with rows of customers: its primary key. #}
{% macro key_of_customers(columns) -%}
,
    PRIMARY KEY ({{ columns | names }})
{%- endmacro %}

{# Behind the last column of rejected_records, where the server may require that every table has a primary key. #}
{% macro key_of_rejects(columns) -%} {%- endmacro %}

{# Behind the name of a temporary table of customers' labels: its key, where joins need one. #}
{% macro key_of_staged_labels() -%} {%- endmacro %}

{# Behind that, and behind the name of any temporary table: when it goes, where that is before the session ends. #}
{% macro until_commit() -%} {%- endmacro %}

{# A temporary table that may be there, and not a table of the shop's that has the name. #}
{% macro temporary(table) -%} {{ table | identifier }} {%- endmacro %}

{% macro as_double(value) -%} CAST({{ value }} AS DOUBLE) {%- endmacro %}

{% macro as_integer(value) -%} CAST({{ value }} AS BIGINT) {%- endmacro %}

{% macro as_text(value) -%} CAST({{ value }} AS VARCHAR) {%- endmacro %}

{% macro days_between(first, last) -%} CAST({{ last }} AS DATE) - CAST({{ first }} AS DATE) {%- endmacro %}

{# Ends a subquery whose columns are to be computed once, where the dialect would compute each at every use. #}
{% macro computed_once() -%} {%- endmacro %}

{# Ends a subquery that is grouped by what it computes, where the planner would expect a group for every row. #}
{% macro few_groups() -%} {%- endmacro %}

{# Before a join of whole tables, and an update of them, that is worth more memory than a session has. #}
{% macro memory_to_join() -%} {%- endmacro %}

{% macro memory_to_update() -%} {%- endmacro %}

{# For ORDER BY: a text by its bytes, as any engine can. #}
{% macro bytewise(value) -%} {{ value }} {%- endmacro %}

{# Behind a table, where whole tables are joined and the dialect would look each row up. #}
{% macro by_hash() -%} {%- endmacro %}

{# Between two tables, where the dialect would read the second first, and the first once for each of its rows. #}
{% macro join_in_order() -%} JOIN {%- endmacro %}

{# For GROUP BY over millions of long texts: a number that stands for one, where the dialect would sort the texts. #}
{% macro grouping_number(value) -%} {{ value }} {%- endmacro %}
