"""The table of permissions: what each lets its bearer reach."""

import pytest

from grantline.rules.scopes import EVERY_SCOPE, PERMISSIONS, Reach, administers, known, reaches, sufficient

READS = {Reach.SIGNED_IN, Reach.OWN_PROFILE, Reach.DIRECTORY, Reach.PEOPLE, Reach.GROUPS, Reach.OWN_ACCESS}
READS |= {Reach.EXPLANATION, Reach.APPROVALS, Reach.GOVERNANCE}
FOR_PEOPLE = {Reach.OWN_PROFILE, Reach.OWN_ACCESS, Reach.OWN_ACCESS_CHANGE, Reach.APPROVALS, Reach.DECISION}


@pytest.mark.parametrize("reach", Reach)
def test_whoever_has_every_scope_reaches_everything(reach: Reach) -> None:
    assert reaches(EVERY_SCOPE, reach, is_application=False)


@pytest.mark.parametrize("reach", Reach)
def test_whoever_has_none_reaches_nothing_but_who_they_are(reach: Reach) -> None:
    allowed = {reaches((), reach, is_application=is_application) for is_application in (False, True)}
    assert allowed == {reach is Reach.SIGNED_IN}


def test_no_application_has_access_of_its_own_decides_or_has_a_profile() -> None:
    assert {reach for reach in Reach if not sufficient(reach, is_application=True)} == FOR_PEOPLE | {Reach.SIGNED_IN}


@pytest.mark.parametrize("name", [name for name in PERMISSIONS if ".Read." in name or name.endswith("ReadBasic.All")])
def test_what_is_called_read_changes_nothing(name: str) -> None:
    assert PERMISSIONS[name].delegated | PERMISSIONS[name].application <= READS


@pytest.mark.parametrize("name", PERMISSIONS)
def test_an_application_gets_no_more_by_a_permission_than_a_person(name: str) -> None:
    assert PERMISSIONS[name].application <= PERMISSIONS[name].delegated


def test_writing_includes_reading_the_same() -> None:
    for name, permission in PERMISSIONS.items():
        reading = PERMISSIONS.get(name.replace("ReadWrite", "Read"))
        if "ReadWrite" in name and reading is not None:
            assert reading.delegated < permission.delegated, name
            assert reading.application < permission.application, name


def test_self_service_is_for_ones_own_affairs() -> None:
    own = ("EntitlementMgmt-SubjectAccess.ReadWrite",)
    reached = {reach for reach in Reach if reaches(own, reach, is_application=False)}
    asks = {Reach.OWN_ACCESS, Reach.OWN_ACCESS_CHANGE, Reach.REQUEST_CHANGE}
    assert reached == {Reach.SIGNED_IN, Reach.EXPLANATION} | asks
    assert not any(administers(own, reach) for reach in Reach)
    assert not any(reaches(own, reach, is_application=True) for reach in Reach if reach is not Reach.SIGNED_IN)


def test_an_administrator_is_one_where_the_wider_permission_reaches() -> None:
    held = ("EntitlementMgmt-SubjectAccess.ReadWrite", "EntitlementManagement.Read.All")
    assert administers(held, Reach.OWN_ACCESS)
    assert not administers(held, Reach.OWN_ACCESS_CHANGE)


def test_a_scope_may_stand_behind_an_address() -> None:
    given = ("api://grantline/User.Read.All", "https://graph.microsoft.com/Group.Read.All", "openid", "x/user.read.all")
    assert known(given) == {"User.Read.All", "Group.Read.All"}
