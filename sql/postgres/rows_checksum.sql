{# Not every type that is read as a text has a hash: its text has. A collation may take texts for one that differ.
   A row's hash is hashed once more, as it is a sum of those of its values: two rows that exchange values would not be
   seen. #}
SELECT
    COUNT(*) AS "rows",
    COALESCE(SUM(hashint8extended(hash_record_extended(ROW(
{% for column in columns %}
{% set value = [column] | names("there") %}
{% set as_text = column.type in ("VARCHAR", "JSON", "ENUM") %}
        {{ 'CAST(%s AS text) COLLATE "C"' | format(value) if as_text else value }}{{ "," if not loop.last }}
{% endfor %}
    ), 0), 0)), 0) AS "checksum"
FROM {{ table | identifier }} AS "there"
{% if among %}
JOIN {{ among | identifier }} AS "among" ON {{ key | pairs("among", "there") }}
{% endif %};
