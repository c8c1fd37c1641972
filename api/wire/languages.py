"""Which language a reader wants, and a text in it."""

from collections.abc import Mapping, Sequence

from grantline.model.question import LocalizedText

MOST = 20


def languages(headers: Mapping[str, str]) -> tuple[str, ...]:
    """Return the languages that `Accept-Language` names, in lower case, the most wanted first.

    One with a region is followed by its language alone; what is no weight counts as none.
    """
    weighed: list[tuple[float, str]] = []
    for part in headers.get("accept-language", "").split(",")[:MOST]:
        tag, _, parameters = part.partition(";")
        weight = _weight(parameters)
        if tag.strip() and tag.strip() != "*" and weight > 0:
            weighed.append((weight, tag.strip().lower()))
    wanted: list[str] = []
    for _, tag in sorted(weighed, key=lambda pair: -pair[0]):
        wanted += [tag, tag.partition("-")[0]]
    return tuple(dict.fromkeys(wanted))


def text_in(wanted: Sequence[str], localizations: Sequence[LocalizedText], default: str) -> str:
    """Return the text in the language wanted most, or the one for everybody."""
    texts = {one.language.lower(): one.text for one in localizations}
    return next((texts[language] for language in wanted if language in texts), default)


def _weight(parameters: str) -> float:
    name, _, value = parameters.partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
