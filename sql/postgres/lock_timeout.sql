-- In place of the role's, not of what database.options have.
SELECT set_config(name, '{{ milliseconds }}', false)
FROM pg_settings
WHERE name = 'lock_timeout' AND source <> 'client';
