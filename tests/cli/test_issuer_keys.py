"""Which of a provider's keys a signature is checked with."""

import json
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from grantline.issuer.keys import KeySet

RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
CURVE = ec.generate_private_key(ec.SECP256R1())
EDWARDS = ed25519.Ed25519PrivateKey.generate()
PUBLISHED: list[dict[str, Any]] = [
    {**json.loads(RSAAlgorithm.to_jwk(RSA.public_key())), "kid": "rsa"},
    {**json.loads(ECAlgorithm.to_jwk(CURVE.public_key())), "kid": "ec", "alg": "ES256", "use": "sig"},
    {**json.loads(OKPAlgorithm.to_jwk(EDWARDS.public_key())), "kid": "ed"},
    {"kty": "oct", "k": "c2VjcmV0", "kid": "secret"},
    {**json.loads(RSAAlgorithm.to_jwk(RSA.public_key())), "kid": "enc", "use": "enc"},
    {"kty": "RSA", "kid": "broken", "n": "AQAB"},
]


@pytest.mark.parametrize(
    ("key_id", "algorithm", "key"),
    [("rsa", "RS256", RSA), ("rsa", "PS512", RSA), ("ec", "ES256", CURVE), ("ed", "EdDSA", EDWARDS)],
)
def test_a_key_of_any_asymmetric_kind_checks_what_it_signed(key_id: str, algorithm: str, key: Any) -> None:
    found = KeySet(PUBLISHED).find(key_id, algorithm)
    assert found is not None
    token = jwt.encode({"sub": "leo"}, key, algorithm=algorithm)
    assert jwt.decode(token, found, algorithms=[algorithm]) == {"sub": "leo"}


@pytest.mark.parametrize(
    ("key_id", "algorithm"),
    [
        ("nobody", "RS256"),
        ("rsa", "ES256"),
        ("ec", "RS256"),
        ("ec", "ES384"),
        ("secret", "RS256"),
        ("enc", "RS256"),
        ("broken", "RS256"),
    ],
)
def test_a_key_that_is_not_for_it_is_not_found(key_id: str, algorithm: str) -> None:
    assert KeySet(PUBLISHED).find(key_id, algorithm) is None


def test_a_token_that_names_no_key_finds_the_only_one_of_its_kind() -> None:
    keys = KeySet(PUBLISHED)
    assert keys.find(None, "ES256") is keys.find("ec", "ES256")
    assert keys.find(None, "RS256") is None


def test_what_is_no_key_at_all_is_left_out() -> None:
    assert len(KeySet([None, "key", 7, {}, {"kty": "RSA1_5"}])) == 0
