INSERT INTO {{ value_cells }} (
    "again", "last_week", "known_week", "order_chance", "expected_orders", "revenue_base", "revenue_per_spend"
)
VALUES
{% for row in rows %}
    ({{ row | join(", ") }}){{ "," if not loop.last }}
{% endfor %};
