"""The paper's claims as tests: what each is measured by, what is read for it, and the table of verdicts."""
