-- What any user may see: how many sessions of the server wait for a row.
SHOW GLOBAL STATUS LIKE 'Innodb_row_lock_current_waits';
