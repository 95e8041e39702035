SET SESSION foreign_key_checks = 0;

{% for table in tables | reverse %}
DROP TABLE IF EXISTS {{ table | identifier }};
{% endfor %}

SET SESSION foreign_key_checks = 1;
