"""Side-by-side measurements: every figure is a ratio from one interleaved run against a named baseline."""
