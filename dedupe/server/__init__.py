"""One index for many machines: HTTP in front of it, ``dedupe serve``.

One thread owns the index and writes, another one reads. What has come in is judged together, and
each request is answered after its commit.
"""
