"""Target systems: one file each, side by side. None knows another, the settings or our database.

Every one passes tests/contracts/, which says what a connector must do.
"""
