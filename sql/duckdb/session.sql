-- 512 MB a thread before it spills, where DuckDB would take 80 % of the machine: with two threads, 10 million customers
-- take 205 s so, and 223 s without.
SET memory_limit = format_bytes(CAST(LEAST(
    parse_formatted_bytes(current_setting('memory_limit')),
    512 * 1024 * 1024 * current_setting('threads')
) AS BIGINT));
