"""An index in the tables of a database that speaks SQL: what all of its stores have in common.

============== ==================================================================
``database``   what is asked of a connection
``failures``   what goes wrong in any database, in words
``store``      sessions, one after the other
``reader``     what is asked in a session
``writer``     what is changed in one
``postings``   the newest, in memory of every process, and all older ones, in sorted runs
``young``      the newest
``kept``       rows that never change, kept in memory
``merge``      young postings into runs, runs into longer ones, step by step
``gone``       which entries went, while runs may still lead to them
``decode``     rows as they were written, or an error
``check``      whether all of it fits together
============== ==================================================================
"""
