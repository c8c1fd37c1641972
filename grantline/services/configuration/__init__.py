"""What administrators keep: catalogs, packages, policies, extensions, roles, switches. Each change is on record."""
