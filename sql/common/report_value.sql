{% from "report_labelled.sql" import labelled_features %}
{% from "value_cells_of.sql" import cell_of, histories with context %}
-- What is expected of the customers of each segment, as customer_value tells it of each, but for its last digit.
SELECT
    "cells"."segment" AS "segment",
    SUM("cells"."customers") AS "customers",
    SUM("cells"."customers" * {{ value_cells }}."order_chance") AS "buyers",
    SUM("cells"."customers" * {{ value_cells }}."expected_orders") AS "orders",
    SUM(
        "cells"."customers" * {{ as_double(value_cells ~ '."revenue_base"') }}
            + "cells"."spend" * {{ as_double(value_cells ~ '."revenue_per_spend"') }}
    ) AS "revenue"
FROM (
    SELECT
        "segment",
        "again",
        "last_week",
        "known_week",
        COUNT(*) AS "customers",
        {{ as_double('SUM("spend")') }} AS "spend"
    FROM (
        SELECT
            "#label" AS "segment",
            "again",
            "spend",
            {{ cell_of('"last_days"', value_as_of ~ '."weeks"') }} AS "last_week",
            {{ cell_of('("last_days" + "recent_days")', value_as_of ~ '."weeks"') }} AS "known_week"
        FROM {{ histories(["#label"], labelled_features()) }}
        JOIN {{ value_as_of }} ON {{ value_as_of }}."id" = 1
    ) AS "each"
    GROUP BY "segment", "again", "last_week", "known_week"
) AS "cells"
JOIN {{ value_cells }}
    ON {{ value_cells }}."again" = "cells"."again"
    AND {{ value_cells }}."last_week" = "cells"."last_week"
    AND {{ value_cells }}."known_week" = "cells"."known_week"
GROUP BY "cells"."segment"
ORDER BY "cells"."segment";
