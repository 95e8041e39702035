-- 512 MB a thread before it spills, where DuckDB would take 80 % of the machine and be no faster.
SET memory_limit = format_bytes(CAST(LEAST(
    parse_formatted_bytes(current_setting('memory_limit')),
    512 * 1024 * 1024 * current_setting('threads')
) AS BIGINT));

-- Days are those of UTC, as on a server, and not of the machine.
SET TimeZone = 'UTC';
