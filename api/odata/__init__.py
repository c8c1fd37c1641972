"""OData as Microsoft Graph speaks it: query options in, annotated JSON out."""
