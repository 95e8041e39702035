DELETE FROM {{ rfm_groups }};

INSERT INTO {{ rfm_groups }} ("r", "f", "m", "rfm_group")
VALUES
{% for r, f, m, name in cells %}
    ({{ r }}, {{ f }}, {{ m }}, {{ name | text }}){{ "," if not loop.last }}
{% endfor %};
