ALTER TABLE {{ loaded_files }}
ADD COLUMN "checksum" VARCHAR(64);
