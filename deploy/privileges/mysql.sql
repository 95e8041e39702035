-- The user that the job connects as on MySQL or MariaDB, and exactly what it needs: rights on one database, none on the
-- server. Run once, as an administrator, from a copy of this file with your own password and names:
--   mysql --user=root --password < copy-of-mysql.sql
-- clientela is the user; `clientela` is the database, where an underscore in its name is written \_ ; '%' is any host
-- that the job connects from.

CREATE USER IF NOT EXISTS 'clientela'@'%' IDENTIFIED BY 'change-me';

-- To read the shop's tables; to load rows, replace them and write labels.
GRANT SELECT, INSERT, UPDATE, DELETE ON `clientela`.* TO 'clientela'@'%';

-- To make the tables and the view customer_features, and to put a new table in an old one's place: renaming takes ALTER
-- and DROP.
GRANT CREATE, CREATE VIEW, ALTER, DROP ON `clientela`.* TO 'clientela'@'%';

-- To give the tables their indexes and foreign keys.
GRANT INDEX, REFERENCES ON `clientela`.* TO 'clientela'@'%';

-- To stage rows.
GRANT CREATE TEMPORARY TABLES ON `clientela`.* TO 'clientela'@'%';

-- Not needed, and on the whole server: to say in the log whose session keeps the job waiting for a lock. The first on
-- MySQL, the second on MariaDB.
--   GRANT SELECT ON performance_schema.* TO 'clientela'@'%';
--   GRANT PROCESS ON *.* TO 'clientela'@'%';

-- Where the shop's tables are read as they are (a config without load:) and the job's own are in a database of their own
-- (database.job_schema), these are enough in place of all above, with your own names; without write_back: no UPDATE.
--   GRANT SELECT, CREATE TEMPORARY TABLES ON `shop`.* TO 'clientela'@'%';
--   GRANT UPDATE (`segment`) ON `shop`.`customers` TO 'clientela'@'%';  -- and the columns with ON UPDATE, to keep them
--   GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, CREATE VIEW, ALTER, DROP ON `clientela`.* TO 'clientela'@'%';
