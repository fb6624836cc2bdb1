"""wandblint: what the Weights & Biases dashboard will lack, said before the run."""

__version__ = "0.1.0"
