{% from "position.sql" import cell, positions with context %}
-- How many points there are on the grid, and on grids whose cells are 2, 4, 8, ... times as wide. Each grid is counted
-- from the cells of the one before: customers are read once.
WITH "grid_0" AS (
    SELECT DISTINCT
{% for axis in axes %}
        {{ cell(axis, loop.index0) }} AS "c{{ loop.index0 }}"{{ "," if not loop.last }}
{% endfor %}
    FROM (
        {{ positions(axes) }}
    ) AS "positions"
)
{% for level in range(1, levels) %}
, "grid_{{ level }}" AS (
    SELECT DISTINCT
{% for _ in axes %}
        FLOOR("c{{ loop.index0 }}" / 2) AS "c{{ loop.index0 }}"{{ "," if not loop.last }}
{% endfor %}
    FROM "grid_{{ level - 1 }}"
)
{% endfor %}
SELECT
{% for level in range(levels) %}
    (SELECT COUNT(*) FROM "grid_{{ level }}") AS "level_{{ level }}"{{ "," if not loop.last }}
{% endfor %};
