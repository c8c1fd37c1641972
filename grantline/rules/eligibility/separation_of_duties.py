"""Nobody gets a package together with what it excludes, whoever asks (EF-096, EF-097); there is no override."""

from grantline.errors import IncompatibleAccess, Refused
from grantline.rules.case import Case
from grantline.rules.duties import in_the_way, what_would_help

ID = "separation-of-duties"


def judge(case: Case) -> Refused | None:
    """Object when the target has, or has asked for, what the package excludes; name it and the way out."""
    if not case.collisions:
        return None
    return IncompatibleAccess(
        f"{case.target} may not have '{case.package.display_name}' together with {in_the_way(case.collisions)}: "
        f"separation of duties. First {what_would_help(case.collisions)}, then ask again."
    )
