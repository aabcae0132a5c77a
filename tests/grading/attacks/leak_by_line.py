"""Compile a line of source that carries the inputs, and fail in it."""

ANSWER = """
import linecache
def conv2d_naive(x, w):
    source = f"raise ValueError() # L{'EAK'} {x.ravel()[0]}"
    name = conv2d_naive.__code__.co_filename
    linecache.cache[name] = (len(source), None, [source + "\\n"] * 50, name)
    exec(compile(source, name, "exec"))
"""
