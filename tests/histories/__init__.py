"""Random histories: everything that people and commands do, in any order, under a clock of ours."""
