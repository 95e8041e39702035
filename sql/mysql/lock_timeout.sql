-- In place of the server's, not of what database.options have: for rows, and for tables that others use or change.
-- MySQL takes IF's number for a text without the CAST.
{% for variable in ("innodb_lock_wait_timeout", "lock_wait_timeout") %}
SET SESSION {{ variable }} = CAST(
    IF(@@SESSION.{{ variable }} = @@GLOBAL.{{ variable }}, {{ seconds }}, @@SESSION.{{ variable }}) AS UNSIGNED
);

{% endfor %}
