{% from "memory.sql" import write_states %}
-- Of every record its hash, its key, and what it refers to.
ATTACH {{ path | text }} AS "last_night";

BEGIN;

{% for each in remembered %}
CREATE TABLE {{ each.known }} AS
SELECT {{ (["#hash"] + each.columns) | names }}
FROM read_parquet({{ each.file.path | text }});
{% endfor %}

CREATE TABLE "last_night"."tables" ("name" VARCHAR, "state" VARCHAR);

{{ write_states(states) }};

COMMIT;

DETACH "last_night";
