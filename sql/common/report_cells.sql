{% from "position.sql" import transformed %}
{% from "report_labelled.sql" import labelled_features %}
{% macro bin(scale, index) -%}
{% if scale.width -%}
{% set number = 'FLOOR(("transformed%d" - %s) / %s)' | format(index, scale.start | number, scale.width | number) -%}
LEAST(GREATEST({{ number }}, 0), {{ scale.bins - 1 }})
{%- else -%}
CASE
{% for first in scale.firsts[1:-1] %}
                WHEN "transformed{{ index }}" < {{ first }} THEN {{ loop.index0 }}
{% endfor %}
                ELSE {{ scale.bins - 1 }}
            END
{%- endif %}
{%- endmacro %}
-- Customers and their spend by segment and by bins of some features, each on its transformed scale; NULL: no value.
SELECT
    "#label" AS "segment",
{% for _ in scales %}
    "bin{{ loop.index0 }}",
{% endfor %}
    COUNT(*) AS "customers",
    SUM({{ as_double('"monetary"') }}) AS "spend"
FROM (
    SELECT
{% for scale in scales %}
        CASE
            WHEN "transformed{{ loop.index0 }}" IS NOT NULL
            THEN {{ bin(scale, loop.index0) }}
        END AS "bin{{ loop.index0 }}",
{% endfor %}
        "#label",
        "monetary"
        {{ and_computed_once() }}
    FROM (
        SELECT
{% for scale in scales %}
            {{ transformed(scale) }} AS "transformed{{ loop.index0 }}",
{% endfor %}
            "#label",
            "monetary"
            {{ and_computed_once() }}
        FROM {{ labelled_features() }}
    ) AS "transformed"
) AS "binned"
GROUP BY "#label", {{ scales | numbered("bin") }};
