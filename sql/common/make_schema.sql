CREATE SCHEMA {{ schema | identifier }};
