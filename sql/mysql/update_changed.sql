{# An UPDATE may keep every row locked that it has looked at; a SELECT locks none. #}
{% set key = table.keys.primary %}
{# Of a key, a text that is the same to the table in other letters may have changed. #}
{% set loose = table.columns | selectattr("name", "in", key) | selectattr("loose") | list %}
{% set columns = (table.columns | rejectattr("name", "in", key) | list) + loose %}
{# Texts are compared byte by byte: else one that only differs in spaces at its end would count as the same. JSON is
   compared as it is written: else 1 and 1.0 would. #}
{% set texts = {"VARCHAR": "BINARY", "JSON": "CHAR"} %}
{% macro exact(column, of) -%}
{% set value = [column] | names(of) %}
{{ "CAST(%s AS %s)" | format(value, texts[column.type]) if column.type in texts else value }}
{%- endmacro %}
DROP TEMPORARY TABLE IF EXISTS "changed";

CREATE TEMPORARY TABLE "changed" (PRIMARY KEY ({{ key | names }}))
SELECT {{ key | names("staged") }}
FROM {{ table.name | identifier }} AS "there"
JOIN {{ staged | identifier }} AS "staged" ON {{ key | pairs("staged", "there") }}
WHERE NOT (
{% for column in columns %}
    {{ "AND " if not loop.first }}{{ exact(column, "there") }} <=> {{ exact(column, "staged") }}
{% endfor %}
);

{% if loose %}
-- For the references to a key that changes so, nothing changes.
SET SESSION foreign_key_checks = 0;

{% endif %}
UPDATE "changed"
STRAIGHT_JOIN {{ table.name | identifier }} AS "there" ON {{ key | pairs("changed", "there") }}
STRAIGHT_JOIN {{ staged | identifier }} AS "staged" ON {{ key | pairs("changed", "staged") }}
SET
{% for column in columns %}
    "there".{{ column.name | identifier }} = "staged".{{ column.name | identifier }}{{ "," if not loop.last }}
{% endfor %};

{% if loose %}
SET SESSION foreign_key_checks = 1;
{% endif %}
