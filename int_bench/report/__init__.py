"""Tables and figures of a run. Nothing here imports torch."""
