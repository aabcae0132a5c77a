"""Print and display marks in many forms."""

CELLS = [
    """
from IPython.display import display
print("4.0"); print("Score: 4/4"); display(4.0)
4.0
"""
]
