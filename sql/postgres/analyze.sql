{% for table in tables %}
ANALYZE {{ table | identifier }};
{% endfor %}
