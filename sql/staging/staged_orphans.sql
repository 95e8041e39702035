{% from "staged.sql" import accepted, shown %}
-- Records that refer to one of these keys, or have it.
INSERT INTO "rejects"
SELECT
    {{ child.table | text }},
    "child"."#record",
    {{ kind | text }},
    {{ reference.columns | join(", ") | text }},
    {{ shown("child", reference.columns) }},
    {{ reference.parent | text }}
FROM {{ accepted(child) }} AS "child"
JOIN "orphan_keys" ON {{ reference.columns | pairs("child", "orphan_keys", reference.parent_columns) }};
