"""The figures of a run, each a function from tidy frames to a figure."""
