"""Which runner runs workflow code: guarded wherever code is tried, plain where it works.

The sandbox catches what must not happen in a workflow, a clock read or a die
thrown. It costs half of a worker's time: it imports the workflow's file anew for
each run, and steps in and out for each payload. What it would catch in production
it has caught before, when the tests ran every path and replayed every history in
it, beside the import contracts and the ban on clocks. So tests and replay are
guarded, and the worker is not.
"""

from temporalio.worker import UnsandboxedWorkflowRunner, WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

PASSED_THROUGH = (
    "activities",
    "grantline",
    "workflows.alarm",
    "workflows.deliveries",
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
"""What stays outside the sandbox: everything but the files that define workflows."""


def runner(*, guarded: bool) -> WorkflowRunner:
    """Return a fresh runner."""
    if not guarded:
        return UnsandboxedWorkflowRunner()
    return SandboxedWorkflowRunner(restrictions=SandboxRestrictions.default.with_passthrough_modules(*PASSED_THROUGH))
