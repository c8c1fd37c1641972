#!/bin/sh
# Bring Temporal's two databases to the schema of this release. Safe to repeat: what is there already is skipped.
# Where they are, and who may: SQL_PLUGIN, SQL_HOST, SQL_PORT, SQL_USER, SQL_PASSWORD.
set -eu

SCHEMA=${SCHEMA:-/etc/temporal/schema/postgresql/v12}

bring() {
    temporal-sql-tool --db "$1" setup-schema -v 0.0
    temporal-sql-tool --db "$1" update-schema -d "$SCHEMA/$2/versioned"
}

bring temporal temporal
bring temporal_visibility visibility
