{% for table in tables %}
ANALYZE TABLE {{ table | identifier }};
{% endfor %}
