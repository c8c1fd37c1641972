"""The house itself: arrows, sizes, names, lists that must be complete."""
