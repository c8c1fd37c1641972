"""Where the README has measured figures."""

import re

from tests.stack import ROOT

README = ROOT / "README.md"


def put(name: str, table: str) -> None:
    """Put a table between the marks of this name, in place of what stood there."""
    text = README.read_text(encoding="utf-8")
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    changed, count = re.subn(f"{begin}.*{end}", lambda _: f"{begin}\n{table}\n{end}", text, flags=re.DOTALL)
    if count != 1:
        raise RuntimeError(f"README.md has {begin} … {end} {count} times; once is right")
    README.write_text(changed, encoding="utf-8")
