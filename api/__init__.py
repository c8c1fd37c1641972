"""HTTP. Answers at once; what it changes, it changes in the database, and workflows hear of it."""
