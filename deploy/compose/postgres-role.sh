#!/bin/sh
# Run once, by the image, when the volume is made: the job's role with the rights of deploy/privileges and no more. From
# then on the superuser has no password, and logs in inside the container alone.
set -eu
PASSWORD=$POSTGRES_PASSWORD psql --quiet --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
  --set role=clientela --file /privileges.sql
psql --quiet --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" --set role="$POSTGRES_USER" <<'SQL'
ALTER ROLE :"role" PASSWORD NULL;
SQL
