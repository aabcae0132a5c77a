"""Near-identical answers: the same code but for names, layout and comments.

An answer is the set of its runs of tokens (k-grams; names of variables are all the same). Runs that the stub
or much of the class share say nothing and are left out. A pair is shown, never judged: a person has to look.
"""

import ast
import io
import keyword
import tokenize
from collections import Counter
from itertools import combinations

RUN = 6  # tokens
COMMON = 0.3  # a run that this part of the class has is left out
FEWEST = 40  # an answer with fewer runs of its own is too short to compare
ALIKE = 0.8


def tokens(source: str) -> list[str]:
    """Tokens of ``source`` without comments, layout and documentation; each name is the same token."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    found = []
    for token in tokenize.generate_tokens(io.StringIO(ast.unparse(tree)).readline):
        if token.type == tokenize.NAME and not keyword.iskeyword(token.string):
            found.append("name")
        elif token.type in (tokenize.NAME, tokenize.OP, tokenize.NUMBER, tokenize.STRING):
            found.append(token.string)
    return found


def runs(source: str) -> set[tuple[str, ...]]:
    line = tokens(source)
    return {tuple(line[i : i + RUN]) for i in range(len(line) - RUN + 1)}


def similar(answers: dict[str, str], stub: str = "") -> list[tuple[str, str, float]]:
    """Pairs of students with nearly the same answer, and the part of their runs that is shared (Jaccard)."""
    found = {student: runs(source) for student, source in answers.items()}
    counts = Counter(run for line in found.values() for run in line)
    many = max(3, COMMON * len(found))
    ignored = runs(stub) | {run for run, count in counts.items() if count > many}
    own = {student: line - ignored for student, line in found.items() if len(line - ignored) >= FEWEST}
    pairs = []
    for one, other in combinations(sorted(own), 2):
        shared = len(own[one] & own[other]) / len(own[one] | own[other])
        if shared >= ALIKE:
            pairs.append((one, other, round(shared, 2)))
    return sorted(pairs, key=lambda pair: -pair[2])
