DELETE FROM {{ rfm_cuts }};

INSERT INTO {{ rfm_cuts }} ("id", {{ cuts | names }})
VALUES (
    1,
{% for name in cuts %}
    %({{ name }})s{{ "," if not loop.last }}
{% endfor %}
);
