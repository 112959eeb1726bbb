"""The report of a run as one HTML file that is read from top to bottom, without a script and without a network."""
