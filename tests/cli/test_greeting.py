"""What `grantline up` says, where a start would only repeat it."""

import shutil
from pathlib import Path

from grantline.cli.greeting import LAST, greeting, is_portal_built
from grantline.persistence.database import Database
from grantline.settings import Settings


async def test_without_a_portal_it_says_how_to_have_one_and_offers_no_page(
    tmp_path: Path, sqlite_template: Path
) -> None:
    """Where no npm registry was at hand when Grantline was installed."""
    shutil.copy(sqlite_template, tmp_path / "grantline.db")
    database = Database.connect(f"sqlite+aiosqlite:///{tmp_path / 'grantline.db'}")
    settings = Settings(home=tmp_path, public_url="http://127.0.0.1:8000")
    assert not is_portal_built(tmp_path)
    without = (await greeting(settings, database, ui_port=8233, has_portal=False)).splitlines()
    (tmp_path / "index.html").touch()
    assert is_portal_built(tmp_path)
    with_one = (await greeting(settings, database, ui_port=8233, has_portal=True)).splitlines()
    await database.close()

    assert [line for line in with_one if line not in without] == [
        "  Portal        http://127.0.0.1:8000",
        "Sign in as anybody of the directory: http://127.0.0.1:8000/auth/login",
    ]
    assert [line for line in without if line not in with_one] == [
        "  Portal        not built: it takes an npm registry, once. Build it with `make portal`, then start again"
    ]
    assert without[0] == "ready http://127.0.0.1:8000"
    assert "  API           http://127.0.0.1:8000/v1.0" in without
    assert without[-1] == LAST
