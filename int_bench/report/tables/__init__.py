"""The tables of a run, each a function from its folder of results to a frame."""
