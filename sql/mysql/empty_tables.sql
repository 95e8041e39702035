SET SESSION foreign_key_checks = 0;

{% for table in tables | reverse %}
DELETE FROM {{ table | identifier }};
{% endfor %}

SET SESSION foreign_key_checks = 1;
