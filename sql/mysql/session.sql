SET NAMES 'utf8mb4' COLLATE 'utf8mb4_bin';

-- Identifiers are quoted as in the other dialects; what does not fit is an error.
SET SESSION sql_mode = CONCAT_WS(
    ',', 'ANSI_QUOTES', 'ONLY_FULL_GROUP_BY', 'STRICT_ALL_TABLES', 'NO_ZERO_IN_DATE', 'NO_ZERO_DATE',
    'ERROR_FOR_DIVISION_BY_ZERO', 'NO_ENGINE_SUBSTITUTION', 'NO_AUTO_VALUE_ON_ZERO'
);

-- INSERT ... SELECT then takes no locks on the shop's own rows.
SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED;

SET SESSION
    time_zone = '+00:00',
    lc_time_names = 'en_US',
    default_week_format = 0;

-- What a server may have otherwise for all of its sessions, and what would then be cut, refused or let through. A key
-- that the server makes for a table without one (sql_generate_invisible_primary_key) is none of the table's columns.
-- And room to join whole tables by hash: with the server's own 256 KB it would write them out and read them again.
SET SESSION
    autocommit = 1,
    sql_auto_is_null = 0,
    sql_safe_updates = 0,
    sql_select_limit = 18446744073709551615,
    max_join_size = 18446744073709551615,
    sql_big_selects = 1,
    group_concat_max_len = 1048576,
    div_precision_increment = 4,
    foreign_key_checks = 1,
    unique_checks = 1,
    completion_type = 0,
    default_storage_engine = 'InnoDB',
    default_tmp_storage_engine = 'InnoDB'
    /*!80020 , join_buffer_size = CAST(GREATEST(@@SESSION.join_buffer_size, 67108864) AS UNSIGNED) */
    /*!80000 , explicit_defaults_for_timestamp = 1 */
    /*!80030 , show_gipk_in_create_table_and_information_schema = 0 */
    /*M!100802 , explicit_defaults_for_timestamp = 1 */;

-- How long statements may take; and for how long the session may wait while files are read.
SET SESSION
    wait_timeout = CAST(GREATEST(@@SESSION.wait_timeout, 28800) AS UNSIGNED)
    /*!80000 , max_execution_time = 0 */
    /*M! , max_statement_time = 0 */
    /*M!100300 , idle_transaction_timeout = 0 */
    /*M!100300 , idle_readonly_transaction_timeout = 0, idle_write_transaction_timeout = 0 */;

{% if read_only %}
SET SESSION TRANSACTION READ ONLY;
{% endif %}
