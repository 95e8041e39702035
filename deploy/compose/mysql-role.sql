-- Run once, by the image, when the volume is made: it has given its user all rights on the database, of which
-- deploy/privileges/mysql.sql gives back those that the job needs.
REVOKE ALL PRIVILEGES ON `clientela`.* FROM 'clientela'@'%';
