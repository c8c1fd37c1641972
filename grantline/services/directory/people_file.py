"""The people file: CSV to lines, with every fault named by line number.

Only the file is looked at here; what it means for the people on record is
judged in `people_import`. The file is read as a stream of lines, so that a
fault never hides the ones after it.
"""

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from grantline.persistence.people_bulk import column_length
from grantline.persistence.tables import people

COLUMNS = (
    "employeeId",
    "userName",
    "displayName",
    "mail",
    "jobTitle",
    "department",
    "managerUserName",
    "hireDate",
    "active",
)
REQUIRED = ("employeeId", "userName", "displayName", "active")
LONGEST = {
    "employeeId": column_length(people.c.employee_id),
    "userName": column_length(people.c.user_principal_name),
    "displayName": column_length(people.c.display_name),
    "mail": column_length(people.c.mail),
    "jobTitle": column_length(people.c.job_title),
    "department": column_length(people.c.department),
}
ADDRESS = re.compile(r"[^\s@]+@[^\s@]+")
ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
TRUE = frozenset({"true", "yes", "1"})
FALSE = frozenset({"false", "no", "0"})
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong, and the line it is on; `user_key` is whom the line is about, if that can be read."""

    line: int
    reason: str
    user_key: str = field(default="", compare=False)

    def __str__(self) -> str:
        """Read as people cite it."""
        return f"line {self.line}: {self.reason}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonLine:
    """One person as the file has them; `user_key` and `mail_key` are what names are compared by."""

    line: int
    employee_id: str
    user_name: str
    display_name: str
    mail: str | None
    job_title: str | None
    department: str | None
    manager_user_name: str | None
    hire_date: date | None
    active: bool

    @property
    def user_key(self) -> str:
        """Return the userName in lower case."""
        return self.user_name.lower()

    @property
    def mail_key(self) -> str | None:
        """Return the mail in lower case."""
        return self.mail.lower() if self.mail else None

    @property
    def manager_key(self) -> str | None:
        """Return the manager's userName in lower case."""
        return self.manager_user_name.lower() if self.manager_user_name else None


def read(source: Iterable[bytes]) -> Iterator[PersonLine | Fault]:
    """Yield a person or faults for each line of the file, in order; blank lines are skipped."""
    faults: dict[int, Fault] = {}
    reader = csv.reader(_decoded(source, faults), strict=True)
    header = _next(reader)
    if faults:
        yield from faults.values()
        return
    if not isinstance(header, list):
        yield header or Fault(1, f"the file is empty; its first line should be {','.join(COLUMNS)}")
        return
    names = [name.strip() for name in header]
    if wrong := _header_fault(names):
        yield Fault(1, wrong)
        return
    while True:
        started_on = reader.line_num + 1
        fields = _next(reader)
        undecodable = [faults.pop(number) for number in sorted(faults)]
        yield from undecodable
        if fields is None:
            return
        if isinstance(fields, Fault):
            yield fields
        elif fields and not undecodable:
            yield from _person_or_faults(started_on, names, fields)


def _decoded(source: Iterable[bytes], faults: dict[int, Fault]) -> Iterator[str]:
    """Decode line by line; a line that is not UTF-8 leaves a fault and stands in for itself."""
    for number, raw in enumerate(source, start=1):
        if number == 1 and raw.startswith(UTF16_MARKS):
            faults[1] = Fault(1, "the file is UTF-16; save it as UTF-8")
            return
        try:
            yield raw.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            byte = raw[error.start]
            faults[number] = Fault(number, f"is not UTF-8 (byte 0x{byte:02X} at position {error.start + 1})")
            yield raw.decode("utf-8", errors="replace")


def _next(reader: Iterator[list[str]]) -> list[str] | Fault | None:
    started_on = reader.line_num + 1  # type: ignore[attr-defined]
    try:
        return next(reader, None)
    except csv.Error as error:
        reason = str(error)
        if "unexpected end of data" in reason or "field larger" in reason:
            return Fault(started_on, "a quotation mark that opens on this line is never closed")
        return Fault(started_on, f"is not proper CSV ({reason})")


def _header_fault(names: list[str]) -> str | None:
    if len(names) == 1 and names[0].count(";") >= len(COLUMNS) - 1:
        return "the columns are separated by ';'; they should be separated by ','"
    says: list[str] = []
    if missing := [name for name in COLUMNS if name not in names]:
        says.append(f"missing columns: {', '.join(missing)}")
    if unknown := [name for name in names if name not in COLUMNS]:
        says.append(f"unknown columns: {', '.join(repr(name) for name in unknown)}")
    if twice := sorted({name for name in names if name in COLUMNS and names.count(name) > 1}):
        says.append(f"columns given twice: {', '.join(twice)}")
    return f"{'; '.join(says)} (expected {','.join(COLUMNS)})" if says else None


def _person_or_faults(line: int, names: list[str], fields: list[str]) -> Iterator[PersonLine | Fault]:
    if len(fields) != len(names):
        yield Fault(line, f"has {len(fields)} fields where the header has {len(names)}")
        return
    values = {name: unicodedata.normalize("NFC", text.strip()) for name, text in zip(names, fields, strict=True)}
    reasons = [*_text_faults(values), *_form_faults(values)]
    if reasons:
        yield from (Fault(line, reason, values["userName"].lower()) for reason in reasons)
        return
    yield PersonLine(
        line=line,
        employee_id=values["employeeId"],
        user_name=values["userName"],
        display_name=values["displayName"],
        mail=values["mail"] or None,
        job_title=values["jobTitle"] or None,
        department=values["department"] or None,
        manager_user_name=values["managerUserName"] or None,
        hire_date=date.fromisoformat(values["hireDate"]) if values["hireDate"] else None,
        active=values["active"].lower() in TRUE,
    )


def _text_faults(values: dict[str, str]) -> Iterator[str]:
    for name, text in values.items():
        if not text:
            if name in REQUIRED:
                yield f"{name} is empty"
        elif "\0" in text:
            yield f"{name} has a NUL character in it"
        elif any(unicodedata.category(character) == "Cc" for character in text):
            yield f"{name} {_shown(text)} has a control character or a line break in it"
        elif len(text) > LONGEST.get(name, LONGEST["userName"]):
            yield f"{name} is {len(text)} characters long; at most {LONGEST.get(name, LONGEST['userName'])} are kept"


def _form_faults(values: dict[str, str]) -> Iterator[str]:
    for name in ("userName", "mail", "managerUserName"):
        if values[name] and not ADDRESS.fullmatch(values[name]):
            yield f"{name} {_shown(values[name])} should look like name@example.com"
    if values["hireDate"] and not _is_date(values["hireDate"]):
        yield f"hireDate {_shown(values['hireDate'])} should be a date such as 2026-03-01"
    if values["active"] and values["active"].lower() not in TRUE | FALSE:
        yield f"active {_shown(values['active'])} should be true or false"


def _is_date(text: str) -> bool:
    try:
        return bool(ISO_DATE.fullmatch(text) and date.fromisoformat(text))
    except ValueError:
        return False


def _shown(text: str) -> str:
    """Quote a value so that a message stays on one line and short."""
    return repr(text if len(text) <= 60 else f"{text[:57]}…")  # noqa: PLR2004 - a line of a terminal
