"""The answers of a ``{quiz}``, read and checked."""

import yaml


def read_answers(text: str) -> list[tuple[bool, str, str]]:
    """(right, answer, explanation) for each entry; ``ValueError`` says what is wrong with the block."""
    # YAML 1.1 reads the keys yes and no as truth values.
    text = text.replace("- yes:", '- "yes":').replace("- no:", '- "no":')
    try:
        entries = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(f"the answers are not YAML: {str(error).splitlines()[0]}") from None
    if not isinstance(entries, list) or len(entries) < 2:
        raise ValueError("expected a list of at least two answers")
    answers = []
    for number, entry in enumerate(entries, 1):
        if not isinstance(entry, dict) or entry.keys() not in ({"yes", "why"}, {"no", "why"}):
            raise ValueError(f"answer {number} should have 'why' and one of 'yes' and 'no'")
        right = "yes" in entry
        answers.append((right, str(entry["yes" if right else "no"]), str(entry["why"])))
    if sum(right for right, _, _ in answers) != 1:
        raise ValueError("exactly one answer should be 'yes'")
    return answers
