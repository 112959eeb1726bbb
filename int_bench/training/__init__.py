"""The InT training core: examples and loss masks of each arm, supervised fine-tuning and GRPO, both on TRL."""
