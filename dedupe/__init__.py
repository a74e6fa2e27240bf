"""Finds copies, edited copies, excerpts and independent reports of one story among news articles."""
