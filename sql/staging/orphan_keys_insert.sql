INSERT INTO "orphan_keys"
VALUES ({{ (["?"] * (columns | length)) | join(", ") }});
