"""Microsoft's Graph client for JavaScript, over TLS, in short: find, ask on behalf, approve, list, be refused."""

import asyncio
import json
import subprocess
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from api.app import create_app
from grantline.ambient import utc_now
from grantline.issuer import DevelopmentIssuer
from grantline.persistence.database import Database
from grantline.settings import Settings
from tests.api.conftest import RecordingRelay
from tests.api.office import PAYROLL_ID, open_office
from tests.architecture.house import ROOT
from tests.cast import ADA, BOB, LEO, MIA
from tests.journeys.conftest import serving
from tests.provider.npm import NODE

MODULE = ROOT / ".venv/provider/node_modules/@microsoft/microsoft-graph-client"
STORY = Path(__file__).with_name("client.mjs")


def certified(folder: Path) -> tuple[Path, Path]:
    """Make a certificate for this machine that only whoever is told so trusts; return it and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(utc_now() - timedelta(hours=1))
        .not_valid_after(utc_now() + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / "certificate.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate, private


@pytest.mark.timeout(60)
async def test_microsofts_javascript_client_asks_on_behalf_approves_lists_and_is_refused(
    sqlite_database: Database, tmp_path: Path
) -> None:
    if not MODULE.exists():
        pytest.fail(f"{MODULE} is not there; `make setup` installs it.")
    await open_office(sqlite_database)
    issuer = DevelopmentIssuer(tmp_path)
    settings = Settings(home=tmp_path, administrators=(ADA.user_principal_name,))
    app = create_app(settings=settings, database=sqlite_database, relay=RecordingRelay(), issuer=issuer)
    certificate, key = certified(tmp_path)
    told = {
        "tokens": {"mia": issuer.token(MIA), "leo": issuer.token(LEO), "bob": issuer.token(BOB)},
        "packageId": PAYROLL_ID,
        "leoId": LEO.id,
    }
    async with serving(app, ssl_certfile=certificate, ssl_keyfile=key) as origin:
        done = await asyncio.to_thread(
            subprocess.run,
            [NODE, STORY, MODULE, origin],
            input=json.dumps(told).encode(),
            capture_output=True,
            env={"NODE_EXTRA_CA_CERTS": str(certificate)},
            check=False,
        )
    assert done.returncode == 0, done.stderr.decode()
    said = json.loads(done.stdout)
    refused = said.pop("refused")
    assert said == {
        "me": "Mia Lind",
        "packages": ["Payroll"],
        "requirements": 1,
        "asked": ["userAdd", "submitted", "Accepted"],
        "waiting": [True],
        "decided": None,
        "held": [1, ["delivering", True, "Payroll"]],
        "pages": 1,
        "forged": [401, "unauthenticated"],
    }
    assert (refused["statusCode"], refused["code"], refused["isJSON"]) == (409, "duplicateRequest", True)
    assert "Leo Park" in refused["message"]
