"""`$search` as Microsoft Graph speaks it for people and groups: `"displayName:park" OR "mail:leo"`.

It becomes the same syntax tree as a `$filter` with `contains`; so it finds a
text in the middle of a word too, where Graph looks at the beginning of words.
"""

import re
from typing import Any

from odata_query import ast

from grantline.errors import InvalidInput

CLAUSE = re.compile(r'"(?P<name>[A-Za-z]+):(?P<text>(?:[^"\\]|\\.)+)"')
JOIN = re.compile(r"\s+(?P<word>AND|OR)\s+")
SEARCHED = ("description", "displayName", "mail", "mailNickname", "userPrincipalName")
MOST_CLAUSES = 10
EXAMPLE = '"displayName:park" OR "mail:leo"'


def tree(text: str) -> Any:
    """Return the condition that a search stands for; AND binds closer than OR.

    Raises:
        InvalidInput: it is not of the form, or names a property that is not searched.
    """
    position, either, all_of = 0, [], []
    text = text.strip()
    while True:
        clause = CLAUSE.match(text, position)
        if clause is None:
            raise _refuse(f"$search is one or more of {EXAMPLE}, each in double quotes; not {text[position:][:60]!r}.")
        all_of.append(_contains(clause["name"], clause["text"]))
        position = clause.end()
        if position == len(text):
            break
        join = JOIN.match(text, position)
        if join is None:
            raise _refuse(f"$search joins its parts by AND or OR, in capitals; not {text[position:][:60]!r}.")
        if join["word"] == "OR":
            either.append(all_of)
            all_of = []
        position = join.end()
    either.append(all_of)
    if sum(map(len, either)) > MOST_CLAUSES:
        raise _refuse(f"$search has at most {MOST_CLAUSES} parts.")
    return _joined(ast.Or(), [_joined(ast.And(), clauses) for clauses in either])


def _contains(name: str, text: str) -> Any:
    known = {one.lower(): one for one in SEARCHED}
    if name.lower() not in known:
        raise _refuse(f"$search looks into {', '.join(SEARCHED)}; not into {name!r}.")
    value = re.sub(r"\\(.)", r"\1", text).strip()
    return ast.Call(ast.Identifier("contains"), [ast.Identifier(known[name.lower()]), ast.String(value)])


def _joined(how: Any, parts: list[Any]) -> Any:
    found = parts[0]
    for part in parts[1:]:
        found = ast.BoolOp(how, found, part)
    return found


def _refuse(message: str) -> InvalidInput:
    return InvalidInput(message, target="$search")
