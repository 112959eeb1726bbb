"""What a run will cost before it runs: sequences, tokens, hours, memory and disk of each rule, and what is missing.

``work`` says what each rule does, ``cost`` how long it takes and ``memory`` what it holds; ``estimate`` puts them
together. Nothing here imports torch.
"""
