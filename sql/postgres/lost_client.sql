-- A setting that the server is too old for is left out.
SELECT set_config(wanted.name, wanted.setting, false)
FROM (
    VALUES
        ('client_connection_check_interval', '10s'),
        ('tcp_keepalives_idle', '{{ idle }}'),
        ('tcp_keepalives_interval', '{{ interval }}'),
        ('tcp_keepalives_count', '6')
) AS wanted (name, setting)
INNER JOIN pg_settings USING (name)
WHERE pg_settings.source <> 'client';
