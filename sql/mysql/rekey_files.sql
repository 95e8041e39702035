ALTER TABLE {{ loaded_files }}
DROP PRIMARY KEY,
ADD PRIMARY KEY ("table_name", "fingerprint");
