DELETE FROM {{ value_forecasts }}
WHERE "day" = %(day)s;

INSERT INTO {{ value_forecasts }} ({{ columns | names }})
VALUES (
{% for column in columns %}
    %({{ column }})s{{ "," if not loop.last }}
{% endfor %}
);
