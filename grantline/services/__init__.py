"""What Grantline does, one file per deed: facts are read, rules asked, and the answer written in one transaction."""
