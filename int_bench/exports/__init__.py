"""What others can use of a run: training rows and problems for other trainers, rollouts for an evaluation harness.

``registry`` names the tools, and each has a module of its own. ``run`` reads what a trainer's export is made of and
checks it; ``pieces`` writes token ids as texts. ``verl_rows`` and ``rewards`` are what the trainers load from here.
"""
