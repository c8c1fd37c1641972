"""Every message as it is built in. `python -m tests.notifications.snapshots` writes them; a test compares."""

from pathlib import Path

from grantline.model.mail import MailKind
from grantline.notifications.rendering import Templates
from grantline.notifications.samples import samples

FOLDER = Path(__file__).parent / "snapshots"
PUBLIC_URL = "https://access.example.com"


def path_of(kind: MailKind) -> Path:
    """Return where the snapshot of a message is."""
    return FOLDER / f"{kind.value}.txt"


def rendered(kind: MailKind) -> str:
    """Return both samples of a message: subject and text of each, and the HTML of the first."""
    templates = Templates(PUBLIC_URL)
    full, spare = (templates.write(item) for item in samples(kind))
    return f"{full.subject}\n\n{full.text}\n======\n\n{spare.subject}\n\n{spare.text}\n======\n\n{full.html}"


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for each in MailKind:
        path_of(each).write_text(rendered(each), encoding="utf-8")
