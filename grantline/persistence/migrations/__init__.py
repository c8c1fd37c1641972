"""Alembic's scripts; they travel in the wheel so that `grantline migrate` needs no checkout."""
