"""The durable index beside datasketch on Redis: ``python -m benchmarks.index FILE``."""
