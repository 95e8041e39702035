{# The labels' table is joined as it is: MariaDB would copy a subquery of it, and MySQL one in NOT EXISTS, and compare
   each row with each. For a key that is an expression, and for RFM groups, it is the copy that renamed_labels.sql
   makes. #}
{% macro labels(target) -%} {{ '"#labels"' if target.is_copied else customer_segments }} {{ by_hash() }} {%- endmacro %}

{% macro customer(target) -%}
{{ '"#labels"."#customer"' if target.is_copied else customer_segments ~ '."customer_unique_id"' }}
{%- endmacro %}

{% macro segment(target) -%}
{{ '"#labels"."#segment"' if target.is_copied else customer_segments ~ '."segment"' }}
{%- endmacro %}

{# Columns that would change by themselves keep their values. #}
{% macro kept(target) -%}
{% set table = target.name | identifier %}
{% for name in target.kept %}, {{ table }}.{{ name | identifier }} = {{ table }}.{{ name | identifier }}{% endfor %}
{%- endmacro %}
