{% from "csv.sql" import typed with context %}
{{ typed(file) }};
