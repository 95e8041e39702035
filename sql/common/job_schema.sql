-- The job's own tables. Times are UTC; only the two of customer_features_data are the shop's own.

CREATE TABLE IF NOT EXISTS {{ customer_features_data }} (
    "customer_unique_id" VARCHAR(255) NOT NULL,
    "monetary" DECIMAL(18, 2) NOT NULL,
    "frequency" INTEGER NOT NULL,
    "recency_days" {{ uncounted("INTEGER") }},
    "first_order_at" {{ timestamp }} NOT NULL,
    "last_order_at" {{ timestamp }} NOT NULL,
    "order_days" INTEGER NOT NULL,
    "#day" DATE{{ key_of_customers(["customer_unique_id"]) }}
){{ table_options }};

-- The day up to which recency_days counts, and where it begins to: only the days between two dates mean anything.
CREATE TABLE IF NOT EXISTS {{ customer_features_as_of }} (
    "id" INTEGER NOT NULL,
    "day" DATE NOT NULL,
    PRIMARY KEY ("id")
){{ table_options }};

INSERT INTO {{ customer_features_as_of }} ("id", "day")
SELECT 1, CAST('2000-01-01' AS DATE)
WHERE NOT EXISTS (SELECT 1 FROM {{ customer_features_as_of }});

-- What customer_rfm tells the scores by, and the group of every three of them.
CREATE TABLE IF NOT EXISTS {{ rfm_cuts }} (
    "id" INTEGER NOT NULL,
{% for letter in ("r", "f", "m") %}
{% for number in range(1, 5) %}
    {{ (letter ~ number) | identifier }} DOUBLE PRECISION,
{% endfor %}
{% endfor %}
    PRIMARY KEY ("id")
){{ table_options }};

CREATE TABLE IF NOT EXISTS {{ rfm_groups }} (
    "r" INTEGER NOT NULL,
    "f" INTEGER NOT NULL,
    "m" INTEGER NOT NULL,
    "rfm_group" VARCHAR(255) NOT NULL{{ key_of_customers(["r", "f", "m"]) }}
){{ table_options }};

-- What is expected of a customer who ordered on so many days after the first, by the weeks from the first order to the
-- last, and until now; of their revenue, a part goes with what they have spent.
CREATE TABLE IF NOT EXISTS {{ value_cells }} (
    "again" INTEGER NOT NULL,
    "last_week" INTEGER NOT NULL,
    "known_week" INTEGER NOT NULL,
    "order_chance" DECIMAL(6, 4) NOT NULL,
    "expected_orders" DECIMAL(12, 6) NOT NULL,
    "revenue_base" DECIMAL(18, 4),
    "revenue_per_spend" DECIMAL(18, 9){{ key_of_customers(["again", "last_week", "known_week"]) }}
){{ table_options }};

-- How wide the cells are, and up to which day and for how many days from there they tell; `figures` are for the report.
CREATE TABLE IF NOT EXISTS {{ value_as_of }} (
    "id" INTEGER NOT NULL,
    "day" DATE,
    "days" INTEGER NOT NULL,
    "weeks" INTEGER NOT NULL,
    "figures" {{ long_text }} NOT NULL,
    PRIMARY KEY ("id")
){{ table_options }};

-- What was expected on a day of all customers, within so many days and a week more; and what of these came, by when.
CREATE TABLE IF NOT EXISTS {{ value_forecasts }} (
    "day" DATE NOT NULL,
    "days" INTEGER NOT NULL,
    "features" VARCHAR(64) NOT NULL,
    "customers" BIGINT NOT NULL,
    "order_days" BIGINT NOT NULL,
    "spend" DOUBLE PRECISION NOT NULL,
    "buyers" DOUBLE PRECISION NOT NULL,
    "orders" DOUBLE PRECISION NOT NULL,
    "revenue" DOUBLE PRECISION,
    "buyers_week_later" DOUBLE PRECISION NOT NULL,
    "orders_week_later" DOUBLE PRECISION NOT NULL,
    "revenue_week_later" DOUBLE PRECISION,
    "came_by" DATE,
    "came_buyers" BIGINT,
    "came_orders" BIGINT,
    "came_revenue" DOUBLE PRECISION,
    PRIMARY KEY ("day")
){{ table_options }};

CREATE TABLE IF NOT EXISTS {{ customer_segments }} (
    "customer_unique_id" VARCHAR(255) NOT NULL,
    "segment" VARCHAR(1) NOT NULL,
    "segment_name" VARCHAR(255) NOT NULL,
    "model_id" VARCHAR(16) NOT NULL,
    "labelled_at" {{ timestamp }} NOT NULL{{ key_of_customers(["customer_unique_id"]) }}
){{ table_options }};

CREATE TABLE IF NOT EXISTS {{ customer_segment_changes }} (
    "run_id" VARCHAR(32) NOT NULL,
    "customer_unique_id" VARCHAR(255) NOT NULL,
    "from_segment" VARCHAR(1),
    "to_segment" VARCHAR(1),
    "monetary" DOUBLE PRECISION,
    "cause" VARCHAR(8){{ key_of_customers(["run_id", "customer_unique_id"]) }}
){{ table_options }};

CREATE TABLE IF NOT EXISTS {{ campaign_customers }} (
    "campaign" VARCHAR(40) NOT NULL,
    "customer_unique_id" VARCHAR(255) NOT NULL,
    "segment" VARCHAR(1) NOT NULL,
    "arm" VARCHAR(8) NOT NULL,
    "frequency" DOUBLE PRECISION,
    "monetary" DOUBLE PRECISION,
    "began_at" {{ timestamp }} NOT NULL{{ key_of_customers(["campaign", "customer_unique_id"]) }}
){{ table_options }};

CREATE TABLE IF NOT EXISTS {{ segment_models }} (
    "model_id" VARCHAR(16) NOT NULL,
    "run_id" VARCHAR(32) NOT NULL,
    "fitted_at" {{ timestamp }} NOT NULL,
    "model" {{ long_text }} NOT NULL,
    PRIMARY KEY ("model_id")
){{ table_options }};

CREATE TABLE IF NOT EXISTS {{ job_runs }} (
    "run_id" VARCHAR(32) NOT NULL,
    "status" VARCHAR(16) NOT NULL,
    "started_at" {{ timestamp }} NOT NULL,
    "finished_at" {{ timestamp }},
    "started_by" VARCHAR(255) NOT NULL,
    "config_fingerprint" VARCHAR(64) NOT NULL,
    "input_fingerprint" VARCHAR(64) NOT NULL,
    "model_id" VARCHAR(16),
    "row_counts" {{ long_text }},
    "timings" {{ long_text }},
    "figures" {{ long_text }},
    "error" {{ long_text }},
    PRIMARY KEY ("run_id")
){{ table_options }};

CREATE TABLE IF NOT EXISTS {{ loaded_files }} (
    "table_name" VARCHAR(64) NOT NULL,
    "file_name" VARCHAR(255) NOT NULL,
    "fingerprint" VARCHAR(64) NOT NULL,
    "records" BIGINT NOT NULL,
    "loaded" BIGINT NOT NULL,
    "rejected" BIGINT NOT NULL,
    "table_rows" BIGINT NOT NULL,
    "run_id" VARCHAR(32) NOT NULL,
    "loaded_at" {{ timestamp }} NOT NULL,
    "checksum" VARCHAR(64),
    PRIMARY KEY ("table_name", "fingerprint")
){{ table_options }};

CREATE TABLE IF NOT EXISTS {{ rejected_records }} (
    "run_id" VARCHAR(32) NOT NULL,
    "table_name" VARCHAR(64) NOT NULL,
    "file_name" VARCHAR(255) NOT NULL,
    "line" BIGINT NOT NULL,
    "reason" {{ long_text }} NOT NULL,
    "record" {{ long_text }}{{ key_of_rejects(["run_id", "table_name", "line"]) }}
){{ table_options }};
