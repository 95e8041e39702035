{# What may read differently in a dialect. Every statement has these at hand; a dialect's dialect.sql defines anew what
   it calls otherwise. #}
{% set timestamp = "TIMESTAMP" %}
{% set long_text = "TEXT" %}

{# Behind the columns of a table that the job makes. #}
{% set table_options = "" %}

{# Of a shop's table that `init` writes: the type of a column that has texts of this length; behind the last column; how
   long the texts of a key may be. #}
{% macro column_type(type, longest, columns, is_key) -%} {{ type }} {%- endmacro %}
{% set tables_options = "" %}
{% set longest_key = 1000 %}

{# Behind the last column of a table with rows of customers: its primary key. #}
{% macro key_of_customers(columns) -%}
,
    PRIMARY KEY ({{ columns | names }})
{%- endmacro %}

{# Behind the last column of rejected_records, where the server may require that every table has a primary key. #}
{% macro key_of_rejects(columns) -%} {%- endmacro %}

{# Behind the name of a temporary table with a row for each of some customers: its key, where joins need one. #}
{% macro key_of_staged_labels() -%} {%- endmacro %}

{# Behind that, and behind the name of any temporary table: when it goes, where that is before the session ends. #}
{% macro until_commit() -%} {%- endmacro %}

{# A temporary table that may be there, and not a table of the shop's that has the name. #}
{% macro temporary(table) -%} {{ table | identifier }} {%- endmacro %}

{% macro as_double(value) -%} CAST({{ value }} AS DOUBLE) {%- endmacro %}

{% macro as_integer(value) -%} CAST({{ value }} AS BIGINT) {%- endmacro %}

{% macro as_text(value) -%} CAST({{ value }} AS VARCHAR) {%- endmacro %}

{# A text with 9 in place of each digit. #}
{% macro without_digits(value) -%} regexp_replace({{ value }}, '[0-9]', '9', 'g') {%- endmacro %}

{# A text as a number: without what is `dropped` of it, and with this mark before the decimals; as a time that is
   written by the pattern, which is strptime's, or in the standard's way. #}
{% macro text_as_number(value, dropped, decimal) -%}
{% set ns = namespace(value=value) %}
{% for mark in dropped %}{% set ns.value = "REPLACE(%s, %s, '')" | format(ns.value, mark | text) %}{% endfor %}
{% if decimal == "," %}{% set ns.value = "REPLACE(%s, ',', '.')" | format(ns.value) %}{% endif %}
CAST(NULLIF(TRIM({{ ns.value }}), '') AS DECIMAL(18, 4))
{%- endmacro %}
{% macro text_as_time(value, pattern) -%}
{% if pattern %}
strptime(NULLIF(TRIM({{ value }}), ''), {{ pattern | text }})
{%- else %}
CAST(NULLIF(TRIM({{ value }}), '') AS {{ timestamp }})
{%- endif %}
{%- endmacro %}

{# A whole number of seconds since 1970, or of so many parts of one, as a time; 0 is none. #}
{% macro number_as_time(value, parts) -%} epoch_ms(NULLIF({{ value }}, 0){{ " * 1000" if parts == 1 }}) {%- endmacro %}

{# A text without a point and zeros behind it. #}
{% macro without_zeros(value) -%} regexp_replace({{ value }}, '[.]0+$', '') {%- endmacro %}

{% macro days_between(first, last) -%} CAST({{ last }} AS DATE) - CAST({{ first }} AS DATE) {%- endmacro %}

{# The month of a time, in months since the year 0. #}
{% macro month_number(value) -%} EXTRACT(YEAR FROM {{ value }}) * 12 + EXTRACT(MONTH FROM {{ value }}) - 1 {%- endmacro %}

{# So many days after a date; the number is whole. #}
{% macro days_after(day, days) -%} {{ day }} + CAST({{ days }} AS INTEGER) {%- endmacro %}

{# A number of days as a value of the type that recency_days has. #}
{% macro days_as(type, days) -%} CAST({{ days }} AS {{ type }}) {%- endmacro %}

{# The type of the column for what is no number of days, where recency_days has a type that can be counted. #}
{% macro uncounted(type) -%} {{ type }} {%- endmacro %}

{# The day up to which recency_days counts: in any statement; in one that has it joined; what joins it. #}
{% macro as_of() -%} (SELECT "day" FROM {{ customer_features_as_of }}) {%- endmacro %}
{% macro as_of_joined() -%} {{ as_of() }} {%- endmacro %}
{% macro join_as_of() -%} {%- endmacro %}

{# The SHA-256 of a text in UTF-8, in hex. #}
{% macro sha256(value) -%} encode(sha256(convert_to({{ value }}, 'UTF8')), 'hex') {%- endmacro %}

{# The schema of what is named without one. #}
{% set this_schema = "current_schema()" %}

{# How a temporary table is dropped. #}
{% set drop_temporary = "DROP TABLE" %}

{# A customer's id as a SELECT of features gives it, to be compared with texts; texts as a list. #}
{% macro id_as_text(id) -%} {{ as_text(id) }} {%- endmacro %}
{% macro listed(texts) -%}
{% for value in texts %}{{ ", " if not loop.first }}{{ value | text }}{% endfor %}
{%- endmacro %}

{# Whether rows differ in how their values are shown. by_text: columns with values that are equal and look otherwise. #}
{% macro differ(columns, by_text, left, right) -%}
{% for column in columns %}
{% set ours, theirs = [column] | names(left), [column] | names(right) %}
{{ "OR " if not loop.first }}{{ ours }} IS DISTINCT FROM {{ theirs }}
{% if column in by_text %}
OR {{ as_text(ours) }} IS DISTINCT FROM {{ as_text(theirs) }}
{% endif %}
{% endfor %}
{%- endmacro %}

{# Ends a subquery whose columns are to be computed once, where the dialect would compute each at every use. #}
{% macro computed_once() -%} {%- endmacro %}

{# The same as one more column, behind the others. #}
{% macro and_computed_once() -%} {%- endmacro %}

{# Before a join or a grouping of whole tables, and an update of them, that is worth more memory than a session has. #}
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

{# Such a number of a subquery's, to join by, where the dialect would make an index for it and look each row up. #}
{% macro joined_number(value) -%} {{ value }} {%- endmacro %}
