{% from "position.sql" import cell, positions, squared_offsets with context %}
-- Customers by the cell of a grid that they stand in: how many, the sum of their offsets from the cell's lower
-- corner on each axis, and the sum of the squares of all offsets.
SELECT
{% for axis in axes %}
    "c{{ loop.index0 }}",
    SUM("o{{ loop.index0 }}") AS "s{{ loop.index0 }}",
{% endfor %}
    COUNT(*) AS "customers",
    SUM({{ as_integer(squared_offsets(axes)) }}) AS "squares"
FROM (
    SELECT
{% for axis in axes %}
        "c{{ loop.index0 }}",
        "p{{ loop.index0 }}" - {{ axis.low | number }} - "c{{ loop.index0 }}" * {{ axis.width | number }}
            AS "o{{ loop.index0 }}"{{ "," if not loop.last }}
{% endfor %}
    FROM (
        SELECT
{% for axis in axes %}
            "p{{ loop.index0 }}",
            {{ cell(axis, loop.index0) }} AS "c{{ loop.index0 }}"{{ "," if not loop.last }}
{% endfor %}
        FROM (
            {{ positions(axes) }}
        ) AS "positions"
    ) AS "cells"
) AS "offsets"
GROUP BY {{ axes | numbered("c") }}
ORDER BY {{ axes | numbered("c") }}
LIMIT {{ limit }};
