-- The role that the job connects as on PostgreSQL, and exactly what it needs. Run once, as an administrator, in psql
-- connected to the shop's database; the role's password is taken from the environment variable PASSWORD:
--   psql --dbname shop --set role=clientela --file deploy/privileges/postgres.sql
\set ON_ERROR_STOP on
\set password `printf %s "$PASSWORD"`

-- May log in, and has no rights on the server.
CREATE ROLE :"role" LOGIN PASSWORD :'password';

-- To open a session; to stage rows in temporary tables.
GRANT CONNECT, TEMPORARY ON DATABASE :"DBNAME" TO :"role";

-- To reach the tables, and to make the job's own. What a role makes it owns: nothing more is needed for those.
GRANT USAGE, CREATE ON SCHEMA public TO :"role";

-- Where the shop's tables are in the database already (a config without load:), run these, too, with its own names:
-- features.sql reads the tables, and the label goes into one column.
--   GRANT SELECT ON "customers", "orders", "order_payments" TO :"role";
--   GRANT UPDATE ("segment") ON "customers" TO :"role";
-- In another schema, USAGE on that is needed, too; without write_back:, no UPDATE.

-- With database.job_schema, the role makes that schema, or uses one that is there; CREATE on public is needed for load: alone.
--   CREATE SCHEMA "clientela" AUTHORIZATION :"role";
