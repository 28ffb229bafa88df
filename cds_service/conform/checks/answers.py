"""Answers (S): the frame around cards, and refusals."""

from __future__ import annotations

from collections.abc import Iterator

from cds_service.conform.http import Reply
from cds_service.conform.probe import Answer
from cds_service.conform.reading import NotStrict, read, text
from cds_service.conform.registry import NotApplicable, check
from cds_service.conform.subjects import answers, refusals, said

INSIDE = (
    "Traceback (most recent",
    "at java.",
    "at org.",
    "Exception in thread",
    "node_modules/",
    "<html",
    "<!doctype",
)


@check("S1", said)
def an_answer_is_200_with_cards(answer: Answer) -> Iterator[str]:
    """200, and an object with a list of cards that are objects"""
    if answer.reply.status == 412:
        raise NotApplicable("required data were not in the prefetch")
    if answer.reply.status != 200:
        yield answer.fault or f"a whole call is answered {answer.reply.status}"
        return
    cards = answer.body.get("cards") if isinstance(answer.body, dict) else None
    if not isinstance(cards, list):
        yield "the answer is no object with a list of cards"
    elif not all(isinstance(card, dict) for card in cards):
        yield "a card is no object"


@check("S3", answers)
def system_actions_are_a_list(answer: Answer) -> Iterator[str]:
    """systemActions is a list with something in it"""
    body = answer.body if isinstance(answer.body, dict) else {}
    if "systemActions" not in body:
        raise NotApplicable("there are no system actions")
    actions = body["systemActions"]
    if not isinstance(actions, list) or not actions or not all(isinstance(each, dict) for each in actions):
        yield "systemActions is no list of objects"


@check("S6", refusals)
def a_refusal_is_an_operation_outcome(reply: Reply) -> Iterator[str]:
    """An OperationOutcome with severity and code, and nothing of the inside"""
    shown = reply.body.decode("utf-8", "replace")
    if any(mark.lower() in shown.lower() for mark in INSIDE):
        yield f"the {reply.status} tells of the inside, or is a page for people"
    try:
        body = read(reply.body)
    except NotStrict as fault:
        yield f"the body of the {reply.status} {fault}"
        return
    if not isinstance(body, dict) or body.get("resourceType") != "OperationOutcome":
        yield f"the {reply.status} is no OperationOutcome"
        return
    issues = body.get("issue")
    if not isinstance(issues, list) or not issues or not all(_is_issue(each) for each in issues):
        yield f"the {reply.status} has no issue with severity and code"


def _is_issue(issue: object) -> bool:
    return isinstance(issue, dict) and text(issue.get("severity")) and text(issue.get("code"))
