INSERT INTO {{ table | identifier }} ({{ columns | names }})
VALUES ({{ (["%s"] * (columns | length)) | join(", ") }});
