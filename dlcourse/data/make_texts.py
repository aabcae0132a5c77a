"""How the files in ``texts/`` were made: ``python -m dlcourse.data.make_texts DIRECTORY``.

The texts are part of the package because their sources change: the help texts of Python with each
version, the word lists with each release. Figures of the course stay comparable only on fixed texts.
"""

import gzip
import sys
from pathlib import Path


def english() -> str:
    """The paragraphs of ``pydoc_data.topics``, topic by topic, each paragraph once."""
    from pydoc_data.topics import topics

    paragraphs = "\n\n".join(topics[name].strip("\n") for name in sorted(topics)).split("\n\n")
    return "\n\n".join(dict.fromkeys(paragraphs)) + "\n"


def phrases() -> str:
    """The four-character phrases of ``pypinyin.phrases_dict``, sorted, one a line."""
    from pypinyin.phrases_dict import phrases_dict

    return "\n".join(sorted(phrase for phrase in phrases_dict if len(phrase) == 4)) + "\n"


def first_names() -> str:
    """Lines ``name f`` and ``name m`` of the package names, without the names that are in both lists."""
    import names

    lists = {}
    for letter, kind in (("f", "female"), ("m", "male")):
        path = Path(names.__file__).parent / f"dist.{kind}.first"
        lists[letter] = {line.split()[0].lower() for line in path.read_text().splitlines()}
    both = lists["f"] & lists["m"]
    return "".join(sorted(f"{name} {letter}\n" for letter in lists for name in lists[letter] - both))


TEXTS = {"english": english, "phrases": phrases, "names": first_names}


def main(directory: str) -> None:
    for name, make in TEXTS.items():
        # mtime=0: the same text gives the same file.
        Path(directory, f"{name}.txt.gz").write_bytes(gzip.compress(make().encode(), 9, mtime=0))


if __name__ == "__main__":
    main(sys.argv[1])
