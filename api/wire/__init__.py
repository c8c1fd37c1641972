"""JSON as Microsoft Graph writes it: bodies in, objects out. Pure; no database."""
