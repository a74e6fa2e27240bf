"""Mutated inputs for what reads: see :mod:`fuzz.readers`."""
