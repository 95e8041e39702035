SELECT COUNT(*) AS "rows", COALESCE(SUM(CAST(hash({{ columns | names("there") }}) AS HUGEINT)), 0) AS "checksum"
FROM {{ table | identifier }} AS "there"
{% if among %}
JOIN {{ among | identifier }} AS "among" ON {{ key | pairs("among", "there") }}
{% endif %};
