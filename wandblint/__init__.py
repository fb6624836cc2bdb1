"""wandblint reports what a Weights & Biases dashboard will lack before the run starts."""

__version__ = "0.1.0"
