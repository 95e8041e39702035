{# Every labelled customer's features and segment; the names do not clash with a shop's own features. #}
{% macro labelled_features() -%}
{{ customer_features }}
    JOIN (
        SELECT "customer_unique_id" AS "#labelled", "segment" AS "#label"
        FROM {{ customer_segments }}
    ) AS "labels" ON "labels"."#labelled" = {{ customer_features }}."customer_unique_id"
{%- endmacro %}
