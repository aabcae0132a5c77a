"""What the page *How fast* prints: NumPy beside PyTorch, beside other code, beside the limit.

``python -m benchmarks run`` measures, ``book/data/benchmarks.json`` holds the result, the page only reads.
"""
