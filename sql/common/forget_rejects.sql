DELETE FROM {{ rejected_records }}
WHERE "table_name" = %(table_name)s
{% if of_file %}
  AND "file_name" = %(file_name)s
{% endif %};
