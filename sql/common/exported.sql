{% set values = columns | selectattr("declared", "equalto", "value") | list %}
{% set scores = columns | selectattr("declared", "equalto", "rfm") | list %}
{% set arms = columns | selectattr("declared", "equalto", "campaign") | list %}
-- Labelled customers; after a rollback, some may have no features.
SELECT
    {{ customer_segments }}."customer_unique_id",
    {{ customer_segments }}."segment",
    {{ customer_segments }}."segment_name"
{%- for column in columns %},
{% if column in arms %}
    "arms{{ arms.index(column) }}"."arm" AS {{ column.name | identifier }}
{%- else %}
    {{ customer_rfm if column in scores else customer_value if column in values else customer_features }}.{{ column.name | identifier }}
{%- endif %}
{%- endfor %}

FROM {{ customer_segments }}
LEFT JOIN {{ customer_features }}
    ON {{ customer_features }}."customer_unique_id" = {{ customer_segments }}."customer_unique_id"
{% if scores %}
LEFT JOIN {{ customer_rfm }}
    ON {{ customer_rfm }}."customer_unique_id" = {{ customer_segments }}."customer_unique_id"
{% endif %}
{% if values %}
LEFT JOIN {{ customer_value }}
    ON {{ customer_value }}."customer_unique_id" = {{ customer_segments }}."customer_unique_id"
{% endif %}
{% for column in arms %}
LEFT JOIN {{ campaign_customers }} AS "arms{{ loop.index0 }}"
    ON "arms{{ loop.index0 }}"."customer_unique_id" = {{ customer_segments }}."customer_unique_id"
    AND "arms{{ loop.index0 }}"."campaign" = {{ listed([column.name.removeprefix("campaign_")]) }}
{% endfor %}
{% if whose.segment %}
WHERE {{ customer_segments }}."segment" = {{ whose.segment | text }}
{% if whose.moved_in %}
  AND EXISTS (
      SELECT 1
      FROM {{ customer_segment_changes }}
      WHERE {{ customer_segment_changes }}."run_id" = (
          SELECT "run_id"
          FROM {{ job_runs }}
          WHERE "status" = 'done' AND "model_id" IS NOT NULL
          ORDER BY "started_at" DESC, "run_id" DESC
          LIMIT 1
      )
        AND {{ customer_segment_changes }}."customer_unique_id" = {{ customer_segments }}."customer_unique_id"
        AND {{ customer_segment_changes }}."to_segment" = {{ customer_segments }}."segment"
  )
{% endif %}
{% endif %}
ORDER BY {{ bytewise(customer_segments ~ '."customer_unique_id"') }}
