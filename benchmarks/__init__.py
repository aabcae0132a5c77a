"""What the page *How fast* prints: NumPy beside PyTorch, beside other code, beside the limit.

``python -m benchmarks run`` measures and writes ``dlcourse/efficiency/benchmarks.json``; pages only read it.
"""
