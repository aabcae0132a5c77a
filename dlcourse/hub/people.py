"""Who is in the class, and with which password: one file that only the instructor can read."""

import hashlib
import json
import re
import secrets
from dataclasses import dataclass
from hmac import compare_digest
from pathlib import Path

from jupyterhub.auth import Authenticator
from traitlets import Unicode

from dlcourse.exercises.source import write_atomically

NAME = re.compile(r"[a-z][a-z0-9_-]{0,30}")
FIRST_UID = 220_000  # below lie the throw-away users of grading
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that looks like another


class PeopleError(ValueError):
    """A name that cannot be taken, and why."""


@dataclass
class People:
    """The file ``people.json`` of a hub: name -> number, salt and hash of the password."""

    path: Path

    def read(self) -> dict[str, dict]:
        try:
            return json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}

    def _write(self, people: dict[str, dict]) -> None:
        self.path.touch(mode=0o600)
        write_atomically(self.path, json.dumps(people, indent=1).encode())
        self.path.chmod(0o600)

    def add(self, names: list[str], anew: bool = False) -> dict[str, str]:
        """Give each new name a password (``anew``: also a known one); return those passwords.

        Raises ``PeopleError`` for what can be no name of a user and a folder.
        """
        if wrong := [name for name in names if not NAME.fullmatch(name)]:
            raise PeopleError(
                f"{wrong[0]!r} cannot be a user here: a small letter first, then small letters, digits, - "
                "or _, at most 31 characters"
            )
        people, given = self.read(), {}
        for name in names:
            if name in people and not anew:
                continue
            number = people.get(name, {}).get("number") or 1 + max(
                (person["number"] for person in people.values()), default=0
            )
            given[name] = "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(4))
            salt = secrets.token_hex(16)
            people[name] = {"number": number, "salt": salt, "password": _hash(given[name], salt)}
        if given:
            self._write(people)
        return given

    def uid(self, name: str) -> int:
        """The user id under which a server runs where root starts it."""
        return FIRST_UID + self.read()[name]["number"]

    def check(self, name: str, password: str) -> bool:
        person = self.read().get(name, {"salt": "", "password": ""})
        return compare_digest(_hash(password, person["salt"]), person["password"])


def _hash(password: str, salt: str) -> str:
    return hashlib.scrypt(password.encode(), salt=salt.encode(), n=1 << 14, r=8, p=1).hex()


class PasswordFile(Authenticator):
    """JupyterHub's question who somebody is, answered from ``people.json``."""

    file = Unicode(help="people.json").tag(config=True)

    async def authenticate(self, handler, data):
        right = People(Path(self.file)).check(data["username"], data["password"])
        return data["username"] if right else None
