"""Tables and records as files: what was read written again without some of it, and results.

`names` says what a file's name asks for, `rows` writes rows of values in any of these forms, `kept`
chooses how the records of sources are written again, and `copied` does it byte for byte.
"""
