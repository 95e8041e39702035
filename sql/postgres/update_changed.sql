{% set columns = table.columns | map(attribute="name") | reject("in", table.keys.primary) | list %}
UPDATE {{ table.name | identifier }} AS "there"
SET
{% for column in columns %}
    {{ column | identifier }} = "staged".{{ column | identifier }}{{ "," if not loop.last }}
{% endfor %}
FROM {{ staged | identifier }} AS "staged"
WHERE {{ table.keys.primary | pairs("staged", "there") }}
  AND ({{ columns | names("there") }})
      IS DISTINCT FROM ({{ columns | names("staged") }});
