"""Measured processes of the index benchmark, each a script that prints one line of JSON."""
