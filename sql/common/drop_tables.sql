{% for table in tables | reverse %}
DROP TABLE IF EXISTS {{ table | identifier }};
{% endfor %}
