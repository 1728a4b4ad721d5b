"""The API keeps to its own document: whatever fits it or does not, the answers are as described."""

from __future__ import annotations

from uuid import uuid4

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from tests.api.cast import Service, Team
from tests.api.test_commands import DOCUMENT

pytestmark = pytest.mark.exhaustive

FITTING, WRONG = GenerationMode.POSITIVE, GenerationMode.NEGATIVE
OPERATIONS = [operation for methods in DOCUMENT["paths"].values() for operation in methods.values()]
NAMES = [operation["operationId"] for operation in OPERATIONS]
WITH_INPUT = [
    operation["operationId"]
    for operation in OPERATIONS
    if "requestBody" in operation or "parameters" in operation
]
EXAMPLES = 3  # a mode and operation; the whole stays below a minute

# A rule of the domain may refuse what fits the document; what it must not be called is invalid.
BY_RULE = [positive_data_acceptance]


@pytest.fixture(scope="session")
def team(service: Service) -> Team:
    """Who sends all of it."""
    return service.team(uuid4(), uuid4())


def checked(document: schemathesis.BaseSchema, name: str, mode: GenerationMode, team: Team) -> None:
    """Send what fits or does not fit an operation, and hold the answers against the document."""
    operation = document.find_operation_by_id(name)
    by = team.entitled(name, operation.method.upper())
    headers = by.headers if by else {}

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def check(case: Case) -> None:
        answer = case.call_and_validate(headers=headers, excluded_checks=BY_RULE)
        if mode is FITTING and answer.status_code == 422:
            assert answer.json()["type"] != "urn:huhang:invalid", answer.text

    check()


@pytest.mark.parametrize("name", NAMES)
def test_what_fits_the_document_is_never_called_invalid(
    name: str, document: schemathesis.BaseSchema, team: Team
) -> None:
    checked(document, name, FITTING, team)


@pytest.mark.parametrize("name", WITH_INPUT)
def test_what_does_not_fit_the_document_is_told_so(
    name: str, document: schemathesis.BaseSchema, team: Team
) -> None:
    checked(document, name, WRONG, team)
