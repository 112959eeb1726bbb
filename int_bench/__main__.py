"""``python -m int_bench`` is ``int-bench``: the form that ``accelerate launch --module`` starts."""

from int_bench.cli import main

if __name__ == "__main__":
    main()
