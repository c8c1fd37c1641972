"""A provider's public keys, as its JSON Web Key Set has them."""

from collections.abc import Mapping, Sequence
from typing import Any

import jwt

# The first letters of the names of signature algorithms, and the type of key each is made with.
KEY_TYPES = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}


class KeySet:
    """The keys that signatures are checked with; those for other uses, and secrets, are left out."""

    def __init__(self, keys: Sequence[Any]) -> None:
        self._keys = [key for key in keys if isinstance(key, Mapping) and _signs(key)]
        self._made: dict[tuple[int, str], jwt.PyJWK | None] = {}

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._keys)

    def find(self, key_id: str | None, algorithm: str) -> jwt.PyJWK | None:
        """Return the key of this id that the algorithm is for. A token may leave the id out if only one key fits."""
        fitting = [place for place, key in enumerate(self._keys) if _fits(key, key_id, algorithm)]
        if not fitting or (key_id is None and len(fitting) > 1):
            return None
        return self._make(fitting[0], algorithm)

    def _make(self, place: int, algorithm: str) -> jwt.PyJWK | None:
        if (place, algorithm) not in self._made:
            try:
                self._made[place, algorithm] = jwt.PyJWK(dict(self._keys[place]), algorithm=algorithm)
            except (jwt.PyJWTError, ValueError, TypeError):
                self._made[place, algorithm] = None
        return self._made[place, algorithm]


def _signs(key: Mapping[str, Any]) -> bool:
    return key.get("kty") in KEY_TYPES.values() and key.get("use", "sig") == "sig"


def _fits(key: Mapping[str, Any], key_id: str | None, algorithm: str) -> bool:
    return (
        (key_id is None or key.get("kid") == key_id)
        and key.get("alg", algorithm) == algorithm
        and key["kty"] == KEY_TYPES[algorithm[:2]]
    )
