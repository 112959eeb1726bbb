"""People as oracle: a local page on which a person finds the first wrong step of failed attempts and replaces it.

``attempts`` says what is shown, ``store`` keeps the answers, ``compare`` sets those of two people side by side,
``guard`` keeps other sites out, ``app`` answers the browser and ``serve`` runs it.
"""
