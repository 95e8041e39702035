{% from "label_joins.sql" import customer, labels, segment with context %}
{% from "labels_of_customers.sql" import labels as all_labels with context %}
{% set table, column = target.name | identifier, target.column | identifier %}
-- All of the shop's own table but customers' rows that carry their label: rows that carry another or none, and rows of
-- nobody, with the table's own key; and what there is in all ("#row" is NULL). It is one statement, so all is of one
-- moment.
{# An UPDATE that looks at every row keeps all of them locked; a SELECT locks none. #}
DROP TEMPORARY TABLE IF EXISTS "#odd_rows";

CREATE TEMPORARY TABLE "#odd_rows" {{ numbered_rows }}
SELECT
{% for name in target.primary %}
    {{ table }}.{{ name | identifier }},
{% endfor %}
    1 AS "#row",
    {{ as_text(target.key) }} AS "#key",
    {{ table }}.{{ column }} AS "#label",
    {{ segment(target) }} AS "#segment",
    0 AS "#rows",
    0 AS "#keys",
    0 AS "#customers"
FROM {{ table }}
LEFT JOIN {{ labels(target) }} ON {{ customer(target) }} = {{ as_text(target.key) }}
WHERE {{ segment(target) }} IS NULL OR NOT ({{ table }}.{{ column }} <=> {{ segment(target) }})
UNION ALL
SELECT
{% for name in target.primary %}
    NULL,
{% endfor %}
    NULL,
    NULL,
    NULL,
    NULL,
    COUNT(*),
    COUNT(DISTINCT {{ as_text(target.key) }}),
    (SELECT COUNT(*) FROM {{ all_labels(target) | indent(4) }})
FROM {{ table }};
