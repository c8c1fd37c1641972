"""Asking, and what becomes of what was asked: judged, explained, withdrawn, put again."""
