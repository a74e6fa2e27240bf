"""How well a grouping, or a pair score, agrees with labels.

`measures` are pure; `labels` reads what is true; `judge` compares an analysis with it, with `pairs`
as its part. `conditions` makes variants of labelled articles, with `furniture` as its part.
"""
