DELETE FROM {{ loaded_files }}
WHERE "table_name" = %(table_name)s
{% if adds %}
  AND "fingerprint" = %(fingerprint)s
{% endif %};

INSERT INTO {{ loaded_files }} (
    "table_name", "file_name", "fingerprint", "records", "loaded", "rejected", "table_rows", "run_id", "loaded_at",
    "checksum"
)
VALUES (
    %(table_name)s, %(file_name)s, %(fingerprint)s, %(records)s, %(loaded)s, %(rejected)s, %(table_rows)s, %(run_id)s,
    %(loaded_at)s, %(checksum)s
);
