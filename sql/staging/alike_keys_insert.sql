INSERT INTO "alike"
VALUES ({{ (["?"] * (columns | length + 1)) | join(", ") }});
