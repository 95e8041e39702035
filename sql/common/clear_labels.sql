{% from "labels_of_customers.sql" import labels with context %}

{# Columns that would change by themselves keep their values. #}
{% macro kept(target) -%}
{% for column in target.kept %}, {{ target.name | identifier }}.{{ column | identifier }} = {{ target.name | identifier }}.{{ column | identifier }}{% endfor %}
{%- endmacro %}

{# The label goes where its customer has none any more. #}
{% macro clear_labels(target) -%}
UPDATE {{ target.name | identifier }}
SET {{ target.column | identifier }} = NULL{{ kept(target) }}
WHERE {{ target.column | identifier }} IS NOT NULL
  AND NOT EXISTS (
      SELECT 1
      FROM {{ labels() }}
      WHERE "#customer" = {{ as_text(target.key) }}
  );
{% endmacro %}
