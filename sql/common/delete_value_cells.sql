DELETE FROM {{ value_cells }};
