"""Scenarios that hold a durable index to what it promises: ``python -m soak NAME``.

============= ====================================================================
``texts``     articles, made up from a seed: nothing is read from anywhere
``findings``  what a scenario measured, and which promises held
``workers``   processes of a scenario, started, watched and killed
``processes`` many processes admit the same articles, and copies of them
``kill``      processes are killed while they admit
``faults``    full disks, files that may not be written, foreign files, locks
``varied``    small indexes with something in every table
``mutations`` one thing in an index changed behind its back
``asked``     every call of an index that may be damaged, and what became of it
``changed``   copies of sound indexes, each changed and asked in a process that may fail
``mutated``   indexes of which one thing was changed are asked, and worked with
``flipped``   indexes of which one bit was flipped
``expire``    half of an index goes while another process works
``stream``    a long stream of good and broken lines through ``dedupe filter``
============= ====================================================================

A scenario is a function ``run(size, folder, findings)`` of its module; the tests call it with a
small size, the command with the full one. Those whose cases have numbers also take the ``first``.
"""
