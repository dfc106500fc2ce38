-- The roles of the database and what each may do, and the database itself. Run it by psql as a superuser, before the
-- first `manage.py migrate`, or again at any time: it makes what is missing and sets the rest as it stands here.
--
--   OWNER_PASSWORD=... APPLICATION_PASSWORD=... REPORTS_PASSWORD=... BACKUP_PASSWORD=... psql -f deploy/roles.sql postgres
--
--   ars_owner     owns the tables, and runs nothing but `manage.py migrate` and `load_catalogue`
--   ars           web, workers and beat: reads and writes rows, makes and drops nothing, adds to the record of changes only
--   ars_reports   reads for reports, without secrets and without what was written to people
--   ars_backup    copies the whole cluster: its password is as good as the data
--
-- What `ars` and `ars_reports` may do with each table is granted by `migrate` itself (DATABASE_APPLICATION_ROLE,
-- DATABASE_REPORTS_ROLE; ars/database_roles.py).

\set ON_ERROR_STOP on
\set QUIET on
\getenv owner_password OWNER_PASSWORD
\getenv application_password APPLICATION_PASSWORD
\getenv reports_password REPORTS_PASSWORD
\getenv backup_password BACKUP_PASSWORD
SELECT :{?owner_password} AND :{?application_password} AND :{?reports_password} AND :{?backup_password} AS told \gset
\if :told
\else
  \warn 'Set OWNER_PASSWORD, APPLICATION_PASSWORD, REPORTS_PASSWORD and BACKUP_PASSWORD in the environment.'
  DO $$ BEGIN RAISE 'a password is missing'; END $$;
\endif

SELECT format('CREATE ROLE %I', name) FROM unnest(ARRAY['ars_owner', 'ars', 'ars_reports', 'ars_backup']) AS name
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec
ALTER ROLE ars_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION PASSWORD :'owner_password';
ALTER ROLE ars LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION PASSWORD :'application_password';
ALTER ROLE ars_reports LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION PASSWORD :'reports_password';
ALTER ROLE ars_backup LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE REPLICATION PASSWORD :'backup_password';
GRANT pg_read_all_data TO ars_backup;

-- A migration that cannot have its lock soon gives up instead of making everybody wait behind it.
ALTER ROLE ars_owner SET lock_timeout = '5s';
ALTER ROLE ars_reports SET default_transaction_read_only = on;
ALTER ROLE ars_reports SET statement_timeout = '5min';

SELECT 'CREATE DATABASE ars OWNER ars_owner ENCODING ''UTF8'' TEMPLATE template0'
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'ars') \gexec
ALTER DATABASE ars OWNER TO ars_owner;
REVOKE ALL ON DATABASE ars FROM PUBLIC;
GRANT CONNECT ON DATABASE ars TO ars, ars_reports, ars_backup;

\connect ars
ALTER SCHEMA public OWNER TO ars_owner;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO ars, ars_reports;
