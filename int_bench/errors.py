"""Errors that a user can mend: the command line prints their message, one line each, and nothing else."""


class UserError(ValueError):
    """Bad input. The message names the thing (key, file, problem) and what is wrong with it."""
