"""Speed, memory, growth and recall beside peers: ``python -m benchmarks FILE``."""
