-- Whatever role, database, server or pooler say: what the job's statements mean, and how long they may take. It ends
-- with the transaction, so that nobody else's statements mean something else in a session that is given on.
START TRANSACTION ISOLATION LEVEL READ COMMITTED, NOT DEFERRABLE{{ ", READ ONLY" if read_only }};

SET LOCAL DateStyle = 'ISO, MDY';

SET LOCAL IntervalStyle = 'postgres';

SET LOCAL TimeZone = 'UTC';

SET LOCAL lc_numeric = 'C';

SET LOCAL lc_time = 'C';

SET LOCAL extra_float_digits = 3;

SET LOCAL bytea_output = 'hex';

SET LOCAL standard_conforming_strings = 'on';

SET LOCAL array_nulls = 'on';

SET LOCAL transform_null_equals = 'off';

SET LOCAL quote_all_identifiers = 'off';

SET LOCAL statement_timeout = 0;

SET LOCAL idle_in_transaction_session_timeout = 0;

{% if lock_timeout %}
SET LOCAL lock_timeout = {{ lock_timeout }};

{% endif %}
{% if version >= 170000 %}
SET LOCAL transaction_timeout = 0;
{% endif %}
