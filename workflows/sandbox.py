"""The one runner, for worker, tests and replay alike.

Passing our packages through halves the cost of a workflow, and switches off the
sandbox's guard in them: there the import contracts and the ban on clocks stand guard.
The workflow files themselves stay inside.
"""

from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

PASSED_THROUGH = (
    "activities",
    "grantline",
    "workflows.alarm",
    "workflows.doorkeeper",
    "workflows.messages",
    "workflows.recorded",
    "sqlalchemy",
    "pydantic",
    "pydantic_core",
    "annotated_types",
    "httpx2",
    "scim2_client",
    "scim2_models",
    "structlog",
)


def runner() -> SandboxedWorkflowRunner:
    """Return a fresh runner; every worker and replayer must use one like it."""
    return SandboxedWorkflowRunner(restrictions=SandboxRestrictions.default.with_passthrough_modules(*PASSED_THROUGH))
