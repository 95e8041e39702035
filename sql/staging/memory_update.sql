{% from "memory.sql" import write_states %}
BEGIN;

{% for each in remembered %}
DELETE FROM {{ each.known }}
WHERE "#hash" IN (SELECT "#hash" FROM {{ each.file.comparison.vanished }});

INSERT INTO {{ each.known }}
SELECT {{ (["#hash"] + each.columns) | names }}
FROM read_parquet({{ each.file.path | text }});
{% endfor %}

DELETE FROM "last_night"."tables";

{{ write_states(states) }};

COMMIT;

DETACH "last_night";
