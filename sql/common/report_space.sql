{% from "dialect.sql" import as_double %}
{% from "position.sql" import included, transformed with context %}
{% from "report_labelled.sql" import labelled_features %}
-- Customers by segment and cell of a coarse grid over two axes: how many, and their mean on both.
SELECT
    "label" AS "segment",
    COUNT(*) AS "customers",
    AVG("t0") AS "x",
    AVG("t1") AS "y"
FROM (
    SELECT
        "label",
        "t0",
        "t1",
        FLOOR(("t0" - {{ lows[0] | number }}) / {{ widths[0] | number }}) AS "c0",
        FLOOR(("t1" - {{ lows[1] | number }}) / {{ widths[1] | number }}) AS "c1"
    FROM (
        SELECT "label", {{ transformed(axes[0]) }} AS "t0", {{ transformed(axes[1]) }} AS "t1"
        FROM {{ labelled_features() }}
        {{ included(axes) }}
    ) AS "transformed"
) AS "cells"
WHERE "t0" IS NOT NULL AND "t1" IS NOT NULL
GROUP BY "label", "c0", "c1"
ORDER BY COUNT(*) DESC, "label", "c0", "c1"
LIMIT {{ limit }};
