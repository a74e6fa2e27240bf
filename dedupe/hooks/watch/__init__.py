"""Feeds and folders that are watched: what comes there is judged, and admitted to an index.

The index is the truth of what was taken in: an article that comes again is a replay, and changes
nothing. What is kept beside it (`seen`) spares questions that were answered, and tells after a
crash which answers nobody may have read. `pace` says when a source is asked again, `feeds` asks
the web, `folders` looks for files that are whole, `watcher` goes from one to the other.
"""
