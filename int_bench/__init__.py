"""int-bench: the reproducibility benchmark and ablation suite of Interventional Training (InT)."""

__version__ = "0.1.0"
