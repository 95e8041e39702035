{% for table in tables | reverse %}
DELETE FROM {{ table | identifier }};
{% endfor %}
