"""How long pages and files take, as ratios within one run: what a ratio says travels further than
seconds on one machine. `make bench` prints them; no test asks for them.
"""
