"""Turn every later cell into `pass` before it is executed."""

CELLS = [
    """
ip = get_ipython()
ip.input_transformers_post.append(lambda lines: ["pass\\n"])
ip.ast_transformers.append(type("T", (), {"visit": lambda self, node: node.__class__([], [])})())
"""
]
