"""Trace every function from the outside."""

SLOW = True

CELLS = [
    """
import sys, threading
def tracer(frame, event, arg):
    frame.f_globals.update(check=lambda *a, **k: None)
    return tracer
sys.settrace(tracer); sys.setprofile(lambda *a: None); threading.settrace(tracer)
"""
]
