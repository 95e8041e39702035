{% from "stored_features.sql" import stored with context %}
CREATE OR REPLACE VIEW {{ view | identifier }} AS
{{ stored(columns, counted) }};
