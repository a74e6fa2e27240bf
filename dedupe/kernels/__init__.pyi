"""
The compiled inner loops: arrays in, arrays out, nothing else imported of ours.

Every kernel releases the interpreter lock, so that batches run on threads; none keeps
state, so that results do not depend on how work is split. The room ``sums`` alone stands
between SQLite and its files.
"""

from dedupe.kernels import articles as articles
from dedupe.kernels import bands as bands
from dedupe.kernels import digests as digests
from dedupe.kernels import evidence as evidence
from dedupe.kernels import furniture as furniture
from dedupe.kernels import incoming as incoming
from dedupe.kernels import kept as kept
from dedupe.kernels import lines as lines
from dedupe.kernels import linkage as linkage
from dedupe.kernels import moves as moves
from dedupe.kernels import novelty as novelty
from dedupe.kernels import pairs as pairs
from dedupe.kernels import parting as parting
from dedupe.kernels import postings as postings
from dedupe.kernels import story as story
from dedupe.kernels import sums as sums
from dedupe.kernels import terms as terms
from dedupe.kernels import text as text
from dedupe.kernels import tree as tree
from dedupe.kernels import vectors as vectors
from dedupe.kernels import weigh as weigh
from dedupe.kernels import weights as weights
