{% from "stored_features.sql" import first_counted with context %}
{{ first_counted(limit, touched) }};
