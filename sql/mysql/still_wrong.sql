{% from "label_joins.sql" import customer, labels, segment with context %}
{% from "labels_of_customers.sql" import wrong_rows %}
{% set label = target.name | identifier ~ "." ~ target.column | identifier %}
-- What became of the rows that did not carry what they should; everywhere, or where rows have no key: of all rows.
{% if target.primary and not everywhere %}
SELECT
    {{ wrong_rows(label, '"#odd_rows"."#segment"') }}
FROM "#odd_rows"
STRAIGHT_JOIN {{ target.name | identifier }} ON {{ target.primary | pairs("#odd_rows", target.name) }}
WHERE NOT ("#odd_rows"."#label" <=> "#odd_rows"."#segment");
{% else %}
SELECT
    {{ wrong_rows(label, segment(target)) }}
FROM {{ target.name | identifier }}
LEFT JOIN {{ labels(target) }} ON {{ customer(target) }} = {{ as_text(target.key) }};
{% endif %}
