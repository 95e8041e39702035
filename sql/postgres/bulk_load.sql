COPY {{ table | identifier }} ({{ columns | names }})
FROM STDIN (FORMAT {{ form }});
