"""An issue as the desk shows it: its plan as it stands now, printed and looked over."""

from digest.edit.check import check
from digest.errors import PlanError, TemplateError
from digest.newsroom import Newsroom
from digest.serve.desk import Preview
from digest.workflow.proof import items, picture_files, prove_issue


def preview_issue(newsroom: Newsroom, issue_id: str) -> Preview:
    """The issue with its findings. A plan or template that cannot be read is shown as the fault. Raises StoreError for no such issue."""
    sender = newsroom.settings.masthead.sender
    try:
        proof = prove_issue(newsroom, issue_id)
    except (PlanError, TemplateError) as error:
        fault = "\n".join([error.message, *getattr(error, "faults", ()), error.hint]).strip()
        return Preview(issue_id=issue_id, title=issue_id, sender=sender, email=None, fault=fault)
    issue = proof.issue
    return Preview(
        issue_id=issue_id,
        title=issue.title,
        sender=sender,
        email=proof.email,
        findings=check(proof),
        pictures=picture_files(newsroom, issue),
        counts=(("items", str(items(issue))), ("sections", str(len(issue.sections))), ("offered", str(len(issue.offered)))),
    )
