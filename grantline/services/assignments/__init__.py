"""Access given, held and taken back, here and in target systems."""
