"""The triggers that note what of the directory changed who may approve, whatever changed it.

An account switched, a manager moved, a member, owner or sponsor come or gone. A
person who is deleted leaves through the same: their reports lose a manager,
groups a member. Groups that no policy names as approvers are not noted.
"""

NAMED = "EXISTS (SELECT 1 FROM policy_approvers WHERE kind = 'groupMembers' AND subject_id = {row}.group_id)"

_SWITCHED = "AFTER UPDATE OF account_enabled ON people"
_MOVED = "AFTER UPDATE OF manager_id ON people"


def _sqlite(name: str, when: str, condition: str | None, kind: str, subject: str) -> str:
    guard = f" WHEN {condition}" if condition else ""
    noted = f"INSERT INTO directory_changes (kind, subject_id) VALUES ('{kind}', {subject})"  # noqa: S608  (our words)
    return f"CREATE TRIGGER {name} {when}{guard} BEGIN {noted}; END"


SQLITE = (
    _sqlite("people_switched", _SWITCHED, "OLD.account_enabled <> NEW.account_enabled", "switched", "NEW.id"),
    _sqlite("people_moved", _MOVED, "OLD.manager_id IS NOT NEW.manager_id", "moved", "NEW.id"),
    _sqlite("members_joined", "AFTER INSERT ON group_members", NAMED.format(row="NEW"), "members", "NEW.group_id"),
    _sqlite("members_left", "AFTER DELETE ON group_members", NAMED.format(row="OLD"), "members", "OLD.group_id"),
    _sqlite("sponsors_joined", "AFTER INSERT ON person_sponsors", None, "sponsors", "NEW.person_id"),
    _sqlite("owners_joined", "AFTER INSERT ON group_owners", None, "owners", "NEW.group_id"),
    _sqlite("owners_left", "AFTER DELETE ON group_owners", None, "owners", "OLD.group_id"),
    _sqlite("sponsors_left", "AFTER DELETE ON person_sponsors", None, "sponsors", "OLD.person_id"),
)

FUNCTIONS = (
    "grantline_person_changed",
    "grantline_member_changed",
    "grantline_sponsor_changed",
    "grantline_owner_changed",
)

POSTGRESQL = (
    """CREATE FUNCTION grantline_person_changed() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN INSERT INTO directory_changes (kind, subject_id) VALUES (TG_ARGV[0], NEW.id); RETURN NULL; END $$""",
    """CREATE FUNCTION grantline_member_changed() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE changed varchar(36);
    BEGIN
      IF TG_OP = 'DELETE' THEN changed := OLD.group_id; ELSE changed := NEW.group_id; END IF;
      INSERT INTO directory_changes (kind, subject_id) SELECT 'members', changed
        WHERE EXISTS (SELECT 1 FROM policy_approvers WHERE kind = 'groupMembers' AND subject_id = changed);
      RETURN NULL;
    END $$""",
    """CREATE FUNCTION grantline_sponsor_changed() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE changed varchar(36);
    BEGIN
      IF TG_OP = 'DELETE' THEN changed := OLD.person_id; ELSE changed := NEW.person_id; END IF;
      INSERT INTO directory_changes (kind, subject_id) VALUES ('sponsors', changed);
      RETURN NULL;
    END $$""",
    """CREATE FUNCTION grantline_owner_changed() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE changed varchar(36);
    BEGIN
      IF TG_OP = 'DELETE' THEN changed := OLD.group_id; ELSE changed := NEW.group_id; END IF;
      INSERT INTO directory_changes (kind, subject_id) VALUES ('owners', changed);
      RETURN NULL;
    END $$""",
    """CREATE TRIGGER owners_changed AFTER INSERT OR DELETE ON group_owners FOR EACH ROW
    EXECUTE FUNCTION grantline_owner_changed()""",
    f"""CREATE TRIGGER people_switched {_SWITCHED} FOR EACH ROW
    WHEN (OLD.account_enabled IS DISTINCT FROM NEW.account_enabled)
    EXECUTE FUNCTION grantline_person_changed('switched')""",
    f"""CREATE TRIGGER people_moved {_MOVED} FOR EACH ROW WHEN (OLD.manager_id IS DISTINCT FROM NEW.manager_id)
    EXECUTE FUNCTION grantline_person_changed('moved')""",
    """CREATE TRIGGER members_changed AFTER INSERT OR DELETE ON group_members FOR EACH ROW
    EXECUTE FUNCTION grantline_member_changed()""",
    """CREATE TRIGGER sponsors_changed AFTER INSERT OR DELETE ON person_sponsors FOR EACH ROW
    EXECUTE FUNCTION grantline_sponsor_changed()""",
)

STATEMENTS = {"sqlite": SQLITE, "postgresql": POSTGRESQL}
