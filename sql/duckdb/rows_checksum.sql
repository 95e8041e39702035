SELECT COUNT(*) AS "rows", COALESCE(SUM(CAST(hash({{ table.columns | names("there") }}) AS HUGEINT)), 0) AS "checksum"
FROM {{ table.name | identifier }} AS "there"
{% if among %}
JOIN {{ among | identifier }} AS "among" ON {{ table.keys.primary | pairs("among", "there") }}
{% endif %};
