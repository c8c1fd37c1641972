#!/bin/sh
# Runs once, when the volume is new: a role each for Grantline and for Temporal, and their databases. Neither can
# read the other's, and neither is a superuser.
set -eu

psql --no-psqlrc -v ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" \
    -v grantline_password="$GRANTLINE_POSTGRES_PASSWORD" -v temporal_password="$TEMPORAL_POSTGRES_PASSWORD" <<'SQL'
CREATE ROLE grantline LOGIN PASSWORD :'grantline_password';
CREATE ROLE temporal LOGIN PASSWORD :'temporal_password';
CREATE DATABASE grantline OWNER grantline;
CREATE DATABASE temporal OWNER temporal;
CREATE DATABASE temporal_visibility OWNER temporal;
REVOKE CONNECT ON DATABASE grantline, temporal, temporal_visibility FROM PUBLIC;
SQL
