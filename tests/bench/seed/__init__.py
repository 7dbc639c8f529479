"""An empty database filled with many recommendations and all that belongs to them.

    DATABASE_URL=… python -m tests.bench.seed 100000 [--updates 10]

``SIZE`` recommendations of six sources, one of which makes half of them and one a third, with as
many updates each; evidence, indicators, responses, dates, steps and people as they are met with.
The same size on the same day gives the same rows. People are named for their roles: ``manager1``,
``staff1``, ``viewer1``, ``auditor1``, ``administrator1``; nobody has a password.

It is written past the actions, in portions; the events carry no hashes of their own. Foreign keys
and every constraint hold. Afterwards all that the site keeps beside these rows is built by its own
commands.
"""
