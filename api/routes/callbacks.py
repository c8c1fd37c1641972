"""The answer to a callout. Whoever brings its token is the custom extension; else an administrator answers for it."""

from fastapi import APIRouter

from api.answers import Nothing
from api.dependencies import ActorOrToken, CalloutSigner, Config, Db
from api.odata import present
from api.wire.custom_extensions import AnswerBody
from grantline.errors import Unauthenticated
from grantline.services.sending import callbacks

router = APIRouter(prefix="/v1.0/identityGovernance/entitlementManagement/assignmentRequests", tags=["callbacks"])


@router.post("/{request_id}/resume", status_code=204)
async def resume(
    *,
    request_id: str,
    body: AnswerBody,
    caller: ActorOrToken,
    db: Db,
    config: Config,
    signer: CalloutSigner,
) -> Nothing:
    """Let a request go on that waits for this answer, or end it."""
    said = body.read()
    actor = None if isinstance(caller, str) else caller
    if isinstance(caller, str) and not signer.accepts(caller, said.callout_id):
        raise Unauthenticated(
            "The token is not that of this callout; send the callbackToken that came with it, as a bearer token."
        )
    administrators = config.administrators
    await callbacks.answer(db, request_id.lower(), said, actor=actor, administrators=administrators)
    return present.nothing()
