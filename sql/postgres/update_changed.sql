{% from "records.sql" import names, same_key %}
{% set columns = table.columns | map(attribute="name") | reject("in", table.keys.primary) | list %}
UPDATE {{ table.name | identifier }} AS "there"
SET
{% for column in columns %}
    {{ column | identifier }} = "staged".{{ column | identifier }}{{ "," if not loop.last }}
{% endfor %}
FROM {{ staged | identifier }} AS "staged"
WHERE {{ same_key(table, '"staged"', '"there"') }}
  AND ({{ names(columns, '"there".') }})
      IS DISTINCT FROM ({{ names(columns, '"staged".') }});
