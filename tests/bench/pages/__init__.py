"""How long pages take on a real server, as multiples of two constants of the same run.

    python -m tests.bench.pages [--size 1000] [--db sqlite] [--pages list,overview] [--against REF]

The constants are asked for in turn with the pages: ``bare``, which has neither session nor frame,
and ``static``, the frame around the 50 rows of the list as they were drawn once, for somebody who
is signed in. Both belong to the bench alone (``served.py``). ``--against`` runs another commit
beside this one, on a database of its own that the same script filled. ``--data`` keeps what was
filled for the next run.
"""
