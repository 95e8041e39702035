{% from "dialect.sql" import as_double %}
{% from "position.sql" import transformed with context %}
{% from "report_labelled.sql" import labelled_features %}
-- Customers and their spend by segment and bin of a feature, on its transformed scale.
SELECT "label" AS "segment", "bin", COUNT(*) AS "customers", SUM({{ as_double('"monetary"') }}) AS "spend"
FROM (
    SELECT
        "label",
        "monetary",
        LEAST(FLOOR(({{ transformed(feature) }} - {{ low | number }}) / {{ width | number }}), {{ bins - 1 }}) AS "bin"
    FROM {{ labelled_features() }}
) AS "binned"
WHERE "bin" >= 0
GROUP BY "label", "bin"
ORDER BY "label", "bin"
LIMIT {{ 26 * bins }};
