INSERT INTO "orphan_keys"
VALUES ({% for _ in columns %}?{{ ", " if not loop.last }}{% endfor %});
