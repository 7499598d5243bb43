"""What the figures in the README come from: each bar is measured beside its floor, in one run."""
