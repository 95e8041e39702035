ALTER TABLE {{ loaded_files }}
DROP CONSTRAINT {{ key | identifier }},
ADD PRIMARY KEY ("table_name", "fingerprint");
