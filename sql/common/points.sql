{% from "dialect.sql" import as_integer %}
{% from "position.sql" import positions with context %}
-- Customers by the cell of a grid that they stand in: how many, the sum of their offsets from the cell's lower
-- corner on each axis, and the sum of the squares of all offsets.
SELECT
{% for axis in axes %}
    "c{{ loop.index0 }}",
    SUM("o{{ loop.index0 }}") AS "s{{ loop.index0 }}",
{% endfor %}
    COUNT(*) AS "customers",
    SUM({% set squares %}{% for _ in axes %}"o{{ loop.index0 }}" * "o{{ loop.index0 }}"{{ " + " if not loop.last }}{% endfor %}{% endset %}{{ as_integer(squares) }}) AS "squares"
FROM (
    SELECT
{% for axis in axes %}
        "c{{ loop.index0 }}",
        "p{{ loop.index0 }}" - {{ axis.low | number }} - "c{{ loop.index0 }}" * {{ axis.width | number }} AS "o{{ loop.index0 }}"{{ "," if not loop.last }}
{% endfor %}
    FROM (
        SELECT
{% for axis in axes %}
            "p{{ loop.index0 }}",
            FLOOR(("p{{ loop.index0 }}" - {{ axis.low | number }}) / {{ axis.width | number }}) AS "c{{ loop.index0 }}"{{ "," if not loop.last }}
{% endfor %}
        FROM (
            {{ positions(axes) }}
        ) AS "positions"
    ) AS "cells"
) AS "offsets"
GROUP BY {% for _ in axes %}"c{{ loop.index0 }}"{{ ", " if not loop.last }}{% endfor %}

ORDER BY {% for _ in axes %}"c{{ loop.index0 }}"{{ ", " if not loop.last }}{% endfor %}

LIMIT {{ limit }};
