"""The compiled inner loops: arrays in, arrays out, nothing else imported of ours.

Every kernel releases the interpreter lock, so that batches run on threads; none keeps state, so
that results do not depend on how work is split. Compiled code is cached on disk; the first call
on a machine takes a few seconds more.
"""
