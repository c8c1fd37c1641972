"""Administrators keep custom extensions, and policies name them at points where they make sense."""

from typing import Any

import httpx2
import pytest

from grantline.settings import Settings
from tests.api.calling import BOB_DECIDES, NAMING, an_extension, at, body, path_of, waiting
from tests.api.configured import POLICIES, UNKNOWN_ID, a_catalog, a_package, a_policy, error_of, made, message_of, names
from tests.api.conftest import Clients
from tests.cast import ADA, BOB, LEO, MIA
from tests.services.calling import SECRET

ASSIGNMENT = "#microsoft.graph.accessPackageAssignmentWorkflowExtension"
CREATED, APPROVED = "assignmentRequestCreated", "assignmentRequestApproved"
DETERMINING = "assignmentRequestDeterminingApprovalRequirements"
LATER = ["assignmentRequestGranted", "assignmentRequestRemoved"]
NOTICES = ["assignmentFourteenDaysBeforeExpiration", "assignmentOneDayBeforeExpiration"]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return Settings.model_validate(settings.model_dump() | {"callout_secrets": (SECRET,)})


async def test_an_extension_is_made_read_listed_changed_and_deleted(as_: Clients) -> None:
    ada = as_(ADA)
    path = path_of(await a_catalog(ada))
    made_ = await made(ada, path, body(**waiting("P2D", onTimeout="continue")))
    one = f"{path}/{made_['id']}"
    shown = (await ada.get(one)).json()
    assert made_ == shown
    assert shown["@odata.type"] == "#microsoft.graph.accessPackageAssignmentRequestWorkflowExtension"
    assert shown["endpointConfiguration"]["targetUrl"] == "https://risk.example.com/hooks"
    assert shown["callbackConfiguration"] == {
        "@odata.type": "#microsoft.graph.customExtensionCallbackConfiguration",
        "timeoutDuration": "P2D",
        "onTimeout": "continue",
    }
    await made(ada, path, body("Aardvark"))
    assert names(await ada.get(path)) == ["Aardvark", "Risk desk"]
    assert names(await ada.get(path, params={"$filter": "displayName eq 'Aardvark'"})) == ["Aardvark"]

    for method in ("PATCH", "PUT"):
        changed = await ada.request(method, one, json={"description": method, "callbackConfiguration": None})
        assert (changed.status_code, changed.json()["description"]) == (200, method)
        assert changed.json()["callbackConfiguration"] is None
        assert changed.json()["displayName"] == "Risk desk", "what is left out stays"
    assert (await ada.delete(one)).status_code == 204
    assert error_of(await ada.get(one)) == (404, "itemNotFound")
    await made(ada, path, body())


async def test_documented_bodies_in_value_are_taken(as_: Clients) -> None:
    path = path_of(await a_catalog(as_(ADA)))
    assert (await made(as_(ADA), path, {"value": body()}))["displayName"] == "Risk desk"


async def test_nothing_secret_is_ever_shown(as_: Clients) -> None:
    ada = as_(ADA)
    path = path_of(await a_catalog(ada))
    id_ = (await made(ada, path, body()))["id"]
    for answer in (await ada.get(path), await ada.get(f"{path}/{id_}")):
        assert "whsec" not in answer.text
        assert SECRET not in answer.text
        assert "secret" not in answer.text.lower()


def endpoint(url: Any) -> dict[str, Any]:
    return {"endpointConfiguration": {"@odata.type": "#microsoft.graph.httpRequestEndpoint", "targetUrl": url}}


LOGIC_APP = {"endpointConfiguration": {"@odata.type": "#microsoft.graph.logicAppTriggerEndpointConfiguration"}}
POP_TOKEN = {"authenticationConfiguration": {"@odata.type": "#microsoft.graph.azureAdPopTokenAuthentication"}}
WRONG: list[tuple[str, dict[str, Any], int, str]] = [
    ("in clear", endpoint("http://risk.example.com/"), 400, "https://"),
    ("no scheme", endpoint("risk.example.com"), 400, "https://"),
    ("a file", endpoint("file:///etc/passwd"), 400, "https://"),
    ("no host", endpoint("https:///x"), 400, "name a host"),
    ("a user in it", endpoint("https://ada:pw@risk.example.com/"), 400, "neither user"),
    ("a fragment", endpoint("https://risk.example.com/#x"), 400, "fragment"),
    ("a port that is none", endpoint("https://risk.example.com:99999/"), 400, "no URL"),
    ("the machine's own secrets", endpoint("https://169.254.169.254/latest"), 400, "never called"),
    ("nowhere", endpoint("https://0.0.0.0/"), 400, "never called"),
    ("too long", endpoint("https://risk.example.com/" + "x" * 2000), 400, "2000 characters"),
    ("no url", endpoint(None), 400, "targetUrl"),
    ("no endpoint", {"endpointConfiguration": None}, 400, "endpointConfiguration.targetUrl"),
    ("no name", {"displayName": None}, 400, "displayName"),
    ("no kind", {"@odata.type": None}, 400, "@odata.type"),
    ("a kind nobody knows", {"@odata.type": "#microsoft.graph.group"}, 400, "@odata.type is one of"),
    (
        "a logic app",
        LOGIC_APP,
        501,
        "httpRequestEndpoint",
    ),
    (
        "tokens",
        POP_TOKEN,
        501,
        "authenticationConfiguration",
    ),
    ("own retries", {"clientConfiguration": {"maximumRetries": 3}}, 501, "clientConfiguration"),
    ("no wait", waiting("PT0S"), 400, "from 1 minute to 14 days"),
    ("too short", waiting("PT59S"), 400, "from 1 minute to 14 days"),
    ("too long a wait", waiting("P15D"), 400, "from 1 minute to 14 days"),
    ("a wait that is none", waiting("soon"), 400, "not a duration"),
    ("no duration", {"callbackConfiguration": {}}, 400, "timeoutDuration"),
    ("another meaning", waiting(onTimeout="approve"), 400, "continue, deny"),
    ("another callback", waiting(kind="#microsoft.graph.nothing"), 400, "callbackConfiguration is a"),
    ("a notice that waits", {"@odata.type": ASSIGNMENT} | waiting(), 400, "takes no callbackConfiguration"),
    ("a misspelt member", {"callback": {}}, 400, "has no member 'callback'"),
]


async def test_what_makes_no_sense_is_refused_with_what_would(as_: Clients) -> None:
    ada = as_(ADA)
    path = path_of(await a_catalog(ada))
    for story, changes, status, says in WRONG:
        sent = {key: value for key, value in (body() | changes).items() if value is not None}
        answer = await ada.post(path, json=sent)
        assert (answer.status_code, says in message_of(answer)) == (status, True), f"{story}: {answer.text}"
    assert (await ada.get(path)).json()["value"] == []


async def test_a_name_is_taken_once_in_a_catalog(as_: Clients) -> None:
    ada = as_(ADA)
    path = path_of(await a_catalog(ada))
    await made(ada, path, body())
    assert error_of(await ada.post(path, json=body())) == (409, "nameAlreadyExists")
    await made(ada, path_of(await a_catalog(ada, "Audit")), body())


async def test_only_administrators_come_near(as_: Clients) -> None:
    ada = as_(ADA)
    path = path_of(await a_catalog(ada))
    one = f"{path}/{(await made(ada, path, body()))['id']}"
    for person, status in ((None, 401), (LEO, 404), (MIA, 404), (BOB, 404)):
        client = as_(person)
        answers = [
            await client.get(path),
            await client.get(one),
            await client.post(path, json=body("Mine")),
            await client.patch(one, json={"description": "mine"}),
            await client.delete(one),
        ]
        assert {answer.status_code for answer in answers} == {status}
    for nowhere in (path_of(UNKNOWN_ID), f"{path}/{UNKNOWN_ID}", f"{path_of(UNKNOWN_ID)}/{one.rpartition('/')[2]}"):
        assert error_of(await ada.get(nowhere)) == (404, "itemNotFound")


async def settings_now(client: httpx2.AsyncClient, policy: str, inner: str = "") -> list[dict[str, Any]]:
    """Return what a policy has called, expanded."""
    answer = await client.get(f"{policy}?$expand=customExtensionStageSettings{inner}")
    return answer.json()["customExtensionStageSettings"]


async def test_a_policy_names_extensions_at_seven_points(as_: Clients) -> None:
    ada = as_(ADA)
    catalog_id = await a_catalog(ada)
    package_id = await a_package(ada, catalog_id)
    waits = await an_extension(ada, catalog_id, "Waits", **waiting())
    tells = await an_extension(ada, catalog_id, "Tells")
    knows = await an_extension(ada, catalog_id, "Knows who", **waiting(kind=NAMING))
    warns = await an_extension(ada, catalog_id, "Warns", **{"@odata.type": ASSIGNMENT})
    wanted = [
        at(CREATED, waits),
        at(CREATED, tells),
        at(DETERMINING, knows),
        at(APPROVED, waits),
        *(at(point, tells) for point in LATER),
        *(at(point, warns) for point in NOTICES),
    ]
    policy_id = await a_policy(
        ada, package_id, requestApprovalSettings=BOB_DECIDES, customExtensionStageSettings=wanted
    )
    one = f"{POLICIES}/{policy_id}"

    assert [(use["stage"], use["customExtension"]["id"]) for use in await settings_now(ada, one)] == [
        (use["stage"], use["customExtension"]["id"]) for use in wanted
    ]
    assert (await settings_now(ada, one, "($expand=customExtension)"))[0]["customExtension"]["displayName"] == "Waits"
    assert "customExtensionStageSettings" not in (await ada.get(one)).json()


async def test_what_a_policy_names_stays_until_it_is_taken_out_and_is_not_deleted_from_under_it(as_: Clients) -> None:
    ada = as_(ADA)
    catalog_id = await a_catalog(ada)
    tells = await an_extension(ada, catalog_id, "Tells")
    waits = await an_extension(ada, catalog_id, "Waits", **waiting())
    wanted = [at(CREATED, waits), at(CREATED, tells)]
    policy_id = await a_policy(ada, await a_package(ada, catalog_id), customExtensionStageSettings=wanted)
    one = f"{POLICIES}/{policy_id}"

    whole = (await ada.get(one)).json()
    assert (await ada.put(one, json=whole)).status_code == 200
    assert len(await settings_now(ada, one)) == len(wanted), "left out, they stay"
    gone = await ada.delete(f"{path_of(catalog_id)}/{tells}")
    assert error_of(gone) == (409, "inUse")
    assert "'Everybody of Payroll'" in message_of(gone)
    other = await ada.patch(f"{path_of(catalog_id)}/{tells}", json=waiting())
    assert error_of(other) == (409, "inUse")
    assert (await ada.patch(f"{path_of(catalog_id)}/{waits}", json=waiting("PT2H"))).status_code == 200
    assert (await ada.put(one, json=whole | {"customExtensionStageSettings": []})).status_code == 200
    assert await settings_now(ada, one) == []
    assert (await ada.delete(f"{path_of(catalog_id)}/{tells}")).status_code == 204


async def test_a_stage_can_be_named_by_an_extension_of_its_own(as_: Clients) -> None:
    ada = as_(ADA)
    catalog_id = await a_catalog(ada)
    knows = await an_extension(ada, catalog_id, "Knows who", **waiting(kind=NAMING))
    dynamic = {
        "@odata.type": "#microsoft.graph.accessPackageDynamicApprovalStage",
        "durationBeforeAutomaticDenial": "P3D",
        "customExtension": {"id": knows},
    }
    settings_ = {"isApprovalRequiredForAdd": True, "stages": [dynamic]}
    policy_id = await a_policy(ada, await a_package(ada, catalog_id), requestApprovalSettings=settings_)
    (stage,) = (await ada.get(f"{POLICIES}/{policy_id}")).json()["requestApprovalSettings"]["stages"]
    assert (stage["@odata.type"], stage["customExtension"]) == (dynamic["@odata.type"], {"id": knows})
    assert error_of(await ada.delete(f"{path_of(catalog_id)}/{knows}")) == (409, "inUse")


async def test_what_a_policy_cannot_have_called_is_refused_with_the_reason(as_: Clients) -> None:
    ada = as_(ADA)
    catalog_id = await a_catalog(ada)
    package_id = await a_package(ada, catalog_id)
    waits = await an_extension(ada, catalog_id, "Waits", **waiting())
    also = await an_extension(ada, catalog_id, "Waits too", **waiting())
    tells = await an_extension(ada, catalog_id, "Tells")
    knows = await an_extension(ada, catalog_id, "Knows who", **waiting(kind=NAMING))
    warns = await an_extension(ada, catalog_id, "Warns", **{"@odata.type": ASSIGNMENT})
    elsewhere = await an_extension(ada, await a_catalog(ada, "Audit"), "Elsewhere")
    wrong: list[tuple[list[dict[str, Any]], str]] = [
        ([at(LATER[0], waits)], "At assignmentRequestGranted nothing waits"),
        ([at(LATER[1], waits)], "At assignmentRequestRemoved nothing waits"),
        ([at(NOTICES[0], tells)], "takes a accessPackageAssignmentWorkflowExtension"),
        ([at(CREATED, warns)], "takes a accessPackageAssignmentRequestWorkflowExtension"),
        ([at(CREATED, knows)], "answers with an approval stage"),
        ([at(DETERMINING, waits)], "accessPackageRequestApprovalStageCallbackConfiguration"),
        ([at(CREATED, waits), at(CREATED, also)], "waits for one extension at a time"),
        ([at(CREATED, tells), at(CREATED, tells)], "named twice"),
        ([at(CREATED, elsewhere)], f"no custom extension {elsewhere}"),
        ([at(CREATED, UNKNOWN_ID)], f"no custom extension {UNKNOWN_ID}"),
        ([at("assignmentRequestForgotten", tells)], "customExtensionStageSettings/0/stage is one of"),
        ([{"customExtension": {"id": tells}}], "stage is one of"),
        ([{"stage": CREATED}], "customExtension.id"),
    ]
    for uses, says in wrong:
        sent = {
            "displayName": "Everybody",
            "accessPackage": {"id": package_id},
            "requestApprovalSettings": BOB_DECIDES,
            "customExtensionStageSettings": uses,
        }
        answer = await ada.post(POLICIES, json=sent)
        assert (answer.status_code, says in message_of(answer)) == (400, True), f"{says}: {answer.text}"
    assert (await ada.get(POLICIES)).json()["value"] == []


async def test_without_a_secret_to_sign_with_none_is_made(as_: Clients, settings: Settings, app: Any) -> None:
    app.state.settings = Settings.model_validate(settings.model_dump() | {"callout_secrets": ()})
    ada = as_(ADA)
    answer = await ada.post(path_of(await a_catalog(ada)), json=body())
    assert error_of(answer) == (501, "notSupported")
    assert "GRANTLINE_CALLOUT_SECRETS" in message_of(answer)


async def test_a_stage_that_nobody_could_determine_is_refused(as_: Clients) -> None:
    ada = as_(ADA)
    catalog_id = await a_catalog(ada)
    package_id = await a_package(ada, catalog_id)
    tells = await an_extension(ada, catalog_id, "Tells")
    knows = await an_extension(ada, catalog_id, "Knows who", **waiting(kind=NAMING))
    bob = [{"@odata.type": "#microsoft.graph.singleUser", "userId": BOB.id}]
    for stage, says in (
        ({"primaryApprovers": bob, "customExtension": {"id": knows}}, "keep one of the two"),
        ({"customExtension": {"id": tells}}, "StageCallbackConfiguration"),
    ):
        settings_ = {"isApprovalRequiredForAdd": True, "stages": [stage]}
        sent = {"displayName": "Staged", "accessPackage": {"id": package_id}, "requestApprovalSettings": settings_}
        answer = await ada.post(POLICIES, json=sent)
        assert (answer.status_code, says in message_of(answer)) == (400, True), f"{says}: {answer.text}"
    uses = [at(DETERMINING, knows)]
    no_stage = {"displayName": "Open", "accessPackage": {"id": package_id}, "customExtensionStageSettings": uses}
    assert "the policy has none" in message_of(await ada.post(POLICIES, json=no_stage))
