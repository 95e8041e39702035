{% from "labels_of_customers.sql" import labelled_rows, labels with context %}
-- All of the shop's own table but customers' rows that carry their label: rows that carry another or none, rows of
-- nobody, and customers who have no row ("#row" is 0); and what there is in all ("#row" is NULL). It is one statement,
-- so all is of one moment.
DROP TABLE IF EXISTS {{ temporary("#odd_rows") }};

{{ memory_to_join() }}
CREATE TEMPORARY TABLE "#odd_rows" {{ until_commit() }} AS
SELECT
    COALESCE("#row", 0) AS "#row",
    "#key",
    "#label",
    "#segment",
    0 AS "#rows",
    0 AS "#customers"
FROM {{ labelled_rows(target) }}
FULL JOIN {{ labels(target) }} ON "#customer" = "#key"
WHERE "#label" IS NULL OR "#segment" IS NULL OR "#label" <> "#segment"
UNION ALL
SELECT
    NULL,
    NULL,
    NULL,
    NULL,
    (SELECT COUNT(*) FROM {{ target.name | identifier }}),
    (SELECT COUNT(*) FROM {{ labels(target) | indent(4) }});
