-- The customers to be forgotten; and of rejected_records those that have any of their ids.
{% for table in ("erased_customers", "erased_records") %}
{{ drop_temporary }} IF EXISTS {{ temporary(table) }};
{% endfor %}

CREATE TEMPORARY TABLE "erased_customers" (
    "customer_unique_id" VARCHAR(255) NOT NULL,
    PRIMARY KEY ("customer_unique_id")
){{ table_options }} {{ until_commit() }};

CREATE TEMPORARY TABLE "erased_records" (
    "run_id" VARCHAR(32) NOT NULL,
    "table_name" VARCHAR(64) NOT NULL,
    "file_name" VARCHAR(255) NOT NULL,
    "line" BIGINT NOT NULL,
    PRIMARY KEY ("run_id", "table_name", "file_name", "line")
){{ table_options }} {{ until_commit() }};
