"""What works on this machine, and what to type to mend what does not: a module for each concern, each of checks.

A check returns findings; that it fails or hangs is a finding, too. So what is not of Python's own library is imported
within the checks.
"""
