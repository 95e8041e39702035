-- The job's own tables. Times are UTC but for the two of customer_features, which are the shop's own.
-- What has rows of customers has no primary key: DuckDB holds a key's whole index in memory, over 256 MB for 10 million
-- customers, and the job's statements give a customer one row by themselves.

CREATE TABLE IF NOT EXISTS {{ customer_features }} (
    "customer_unique_id" VARCHAR(255) NOT NULL,
    "monetary" DECIMAL(18, 2) NOT NULL,
    "frequency" INTEGER NOT NULL,
    "recency_days" INTEGER NOT NULL,
    "first_order_at" TIMESTAMP NOT NULL,
    "last_order_at" TIMESTAMP NOT NULL
);

CREATE TABLE IF NOT EXISTS {{ customer_segments }} (
    "customer_unique_id" VARCHAR(255) NOT NULL,
    "segment" VARCHAR(1) NOT NULL,
    "segment_name" VARCHAR(255) NOT NULL,
    "model_id" VARCHAR(16) NOT NULL,
    "labelled_at" TIMESTAMP NOT NULL
);

CREATE TABLE IF NOT EXISTS {{ customer_segment_changes }} (
    "run_id" VARCHAR(32) NOT NULL,
    "customer_unique_id" VARCHAR(255) NOT NULL,
    "from_segment" VARCHAR(1),
    "to_segment" VARCHAR(1)
);

CREATE TABLE IF NOT EXISTS {{ segment_models }} (
    "model_id" VARCHAR(16) NOT NULL,
    "run_id" VARCHAR(32) NOT NULL,
    "fitted_at" TIMESTAMP NOT NULL,
    "model" TEXT NOT NULL,
    PRIMARY KEY ("model_id")
);

CREATE TABLE IF NOT EXISTS {{ job_runs }} (
    "run_id" VARCHAR(32) NOT NULL,
    "status" VARCHAR(16) NOT NULL,
    "started_at" TIMESTAMP NOT NULL,
    "finished_at" TIMESTAMP,
    "started_by" VARCHAR(255) NOT NULL,
    "config_fingerprint" VARCHAR(64) NOT NULL,
    "input_fingerprint" VARCHAR(64) NOT NULL,
    "model_id" VARCHAR(16),
    "row_counts" TEXT,
    "timings" TEXT,
    "figures" TEXT,
    "error" TEXT,
    PRIMARY KEY ("run_id")
);

CREATE TABLE IF NOT EXISTS {{ loaded_files }} (
    "table_name" VARCHAR(64) NOT NULL,
    "file_name" VARCHAR(255) NOT NULL,
    "fingerprint" VARCHAR(64) NOT NULL,
    "records" BIGINT NOT NULL,
    "loaded" BIGINT NOT NULL,
    "rejected" BIGINT NOT NULL,
    "table_rows" BIGINT NOT NULL,
    "run_id" VARCHAR(32) NOT NULL,
    "loaded_at" TIMESTAMP NOT NULL,
    PRIMARY KEY ("table_name")
);

CREATE TABLE IF NOT EXISTS {{ rejected_records }} (
    "run_id" VARCHAR(32) NOT NULL,
    "table_name" VARCHAR(64) NOT NULL,
    "file_name" VARCHAR(255) NOT NULL,
    "line" BIGINT NOT NULL,
    "reason" TEXT NOT NULL,
    "record" TEXT
);
