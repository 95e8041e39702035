{% set timestamp = "DATETIME(6)" %}
{# A TEXT holds 64 KB, which a model or an error may be longer than. #}
{% set long_text = "LONGTEXT" %}
{% set table_options = " ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin" %}

{% macro as_integer(value) -%} CAST({{ value }} AS SIGNED) {%- endmacro %}

{% macro as_text(value) -%} CAST({{ value }} AS CHAR) {%- endmacro %}

{% macro days_between(first, last) -%} DATEDIFF({{ last }}, {{ first }}) {%- endmacro %}

{% macro computed_once() -%} LIMIT 18446744073709551615 {%- endmacro %}

{% macro key_of_staged_labels() -%} (PRIMARY KEY ("customer_unique_id")) {%- endmacro %}

{# MySQL joins by hash where it may use no index. The version hides it from MariaDB, which would then compare each row
   with each. #}
{% macro by_hash() -%} /*!80020 USE INDEX () */ {%- endmacro %}

{% macro join_in_order() -%} STRAIGHT_JOIN {%- endmacro %}

{# 64 bits of checksums: two texts of a million that share them are one chance in ten million. #}
{% macro grouping_number(value) -%} CRC32({{ value }}) * 4294967296 + CRC32(REVERSE({{ value }})) {%- endmacro %}

{# Lock names are the server's, not the database's, and at most 64 characters long. #}
{% macro lock_name() -%}
CONCAT('clientela.', LEFT(SHA2(CONCAT(COALESCE(%(schema)s, DATABASE()), '.', %(prefix)s), 256), 40))
{%- endmacro %}

{# sql_require_primary_key asks for a key of every table, temporary ones included. #}
{% macro key_of_rejects(columns) -%}
,
    PRIMARY KEY ({{ columns | names }})
{%- endmacro %}

{% set numbered_rows = '("#" BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY)' %}
