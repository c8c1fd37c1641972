"""The portal: its words, its size, and what people do with it in a real browser."""
