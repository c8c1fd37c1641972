"""Keys of callouts: what signs a call, and what proves that an answer is to it.

Nothing secret is kept in the database. From the installation's secret each
extension has a key of its own, which its receiver is given once, so that no
receiver can speak for another; and each call a token, which goes out with it and
comes back with the answer. The form is that of Standard Webhooks, for which there
are receivers in every language.

Several secrets, newest first, are for changing them: the first is everybody's new
one, calls carry a signature for each, and answers to older calls are still known.
"""

import base64
import hmac
from collections.abc import Sequence
from hashlib import sha256

ID_HEADER = "webhook-id"
TIMESTAMP_HEADER = "webhook-timestamp"
SIGNATURE_HEADER = "webhook-signature"
KEY_PREFIX = "whsec_"
TOKEN_PREFIX = "gcb_"  # noqa: S105  (what every token begins with)


class Signer:
    """Knows the installation's secrets; with none nothing is signed and no answer is accepted."""

    def __init__(self, secrets: Sequence[str]) -> None:
        self._secrets = tuple(secret.encode() for secret in secrets)

    @property
    def is_ready(self) -> bool:
        """Tell whether there is a secret."""
        return bool(self._secrets)

    def keys(self, extension_id: str) -> list[str]:
        """Return the keys of an extension, newest first, as its receiver writes them down."""
        return [
            KEY_PREFIX + base64.b64encode(_derived(secret, f"extension/{extension_id}")).decode()
            for secret in self._secrets
        ]

    def headers(self, extension_id: str, callout_id: str, timestamp: int, body: bytes) -> dict[str, str]:
        """Return the headers that sign a call: over its id, the time, and the body as sent."""
        signed = f"{callout_id}.{timestamp}.".encode() + body
        signatures = [
            base64.b64encode(_mac(_derived(secret, f"extension/{extension_id}"), signed)).decode()
            for secret in self._secrets
        ]
        return {
            ID_HEADER: callout_id,
            TIMESTAMP_HEADER: str(timestamp),
            SIGNATURE_HEADER: " ".join(f"v1,{signature}" for signature in signatures),
        }

    def token(self, callout_id: str) -> str:
        """Return the token that the answer to a call must bring."""
        if not self._secrets:
            raise AssertionError("no secret, no call (this is a bug)")
        return _token(self._secrets[0], callout_id)

    def accepts(self, token: str, callout_id: str) -> bool:
        """Tell whether a token is the one that went out with a call."""
        given = token.encode("utf-8", "replace")
        return any(hmac.compare_digest(given, _token(secret, callout_id).encode()) for secret in self._secrets)


def _token(secret: bytes, callout_id: str) -> str:
    return TOKEN_PREFIX + base64.urlsafe_b64encode(_derived(secret, f"answer/{callout_id}")).decode().rstrip("=")


def _derived(secret: bytes, purpose: str) -> bytes:
    return _mac(secret, f"grantline/{purpose}".encode())


def _mac(key: bytes, message: bytes) -> bytes:
    return hmac.new(key, message, sha256).digest()
