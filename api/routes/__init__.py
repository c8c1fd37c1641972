"""JSON over HTTP, in Graph's words. A route parses, asks one service or one list, and presents."""
