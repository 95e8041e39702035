{# Whose rows are a customer's records; see touched_by.sql. #}
{% for table in ("customers", "orders", "order_items", "order_payments", "order_reviews") %}
SELECT {{ table | text }} AS "table"
{{ "UNION ALL" if not loop.last }}
{% endfor %};
