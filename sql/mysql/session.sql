-- Identifiers are quoted as in the other dialects; what does not fit is an error.
SET SESSION sql_mode = CONCAT_WS(
    ',', 'ANSI_QUOTES', 'ONLY_FULL_GROUP_BY', 'STRICT_ALL_TABLES', 'NO_ZERO_IN_DATE', 'NO_ZERO_DATE',
    'ERROR_FOR_DIVISION_BY_ZERO', 'NO_ENGINE_SUBSTITUTION', 'NO_AUTO_VALUE_ON_ZERO'
);

-- INSERT ... SELECT then takes no locks on the shop's own rows.
SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED;

SET SESSION time_zone = '+00:00';

{% if read_only %}
SET SESSION TRANSACTION READ ONLY;
{% endif %}
