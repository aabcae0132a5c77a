"""Hook the shell: run_cell returns success, hooks before and after each cell."""

CELLS = [
    """
ip = get_ipython()
class Fine:
    error_before_exec = error_in_exec = None
    success = True
    result = 4.0
ip.run_cell = lambda *a, **k: Fine()
ip.events.register("post_run_cell", lambda result: print("4.0"))
"""
]
