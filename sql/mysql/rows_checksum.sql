{# A checksum of the checksum, as those of texts alone would not show that two rows have exchanged values: they add up
   to the same. #}
SELECT
    COUNT(*) AS "rows",
    COALESCE(SUM(CRC32(CRC32(CONCAT_WS(
        CHAR(31),
{% for column in columns %}
        COALESCE(CAST({{ [column] | names("there") }} AS BINARY), CHAR(30)){{ "," if not loop.last }}
{% endfor %}
    )))), 0) AS "checksum"
{% if among %}
FROM {{ among | identifier }} AS "among"
STRAIGHT_JOIN {{ table | identifier }} AS "there" ON {{ key | pairs("among", "there") }}
{% else %}
FROM {{ table | identifier }} AS "there"
{% endif %};
