{# An update of an indexed column deletes the row and inserts it, which DuckDB refuses where others refer to it. So rows
   that refer to others than before get all their values first, and then the others those that have no index. #}
{% set referring = table.keys.references | map(attribute="columns") | sum(start=()) %}
{% set values = table.columns | rejectattr("name", "in", table.keys.primary) | list %}
{% set indexed = values | selectattr("name", "in", referring) | list %}
{% set plain = values | rejectattr("name", "in", referring) | list %}
{% for columns, compared in ((values, indexed), (plain, plain)) if compared %}
UPDATE {{ table.name | identifier }} AS "there"
SET
{% for column in columns %}
    {{ column.name | identifier }} = "staged".{{ column.name | identifier }}{{ "," if not loop.last }}
{% endfor %}
FROM {{ staged | identifier }} AS "staged"
WHERE {{ table.keys.primary | pairs("staged", "there") }}
  AND ({{ compared | names("there") }}) IS DISTINCT FROM ({{ compared | names("staged") }});
{% endfor %}
