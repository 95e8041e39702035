{# The label goes where its customer has none any more. All three are SQL. #}
{% macro clear_labels(table, column, customer) -%}
UPDATE {{ table }}
SET {{ column }} = NULL
WHERE {{ column }} IS NOT NULL
  AND NOT EXISTS (
      SELECT 1
      FROM {{ customer_segments }}
      WHERE {{ customer_segments }}."customer_unique_id" = {{ customer }}
  );
{% endmacro %}
