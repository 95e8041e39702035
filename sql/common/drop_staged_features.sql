{% for table in tables %}
{{ drop_temporary }} {{ table | identifier }};
{% endfor %}
