"""The desks that routes hand a command to, by type.

What waits for nothing is asynchronous here and wherever routes ask for it: the framework hands
anything else to a thread and back, which takes longer than most of it.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends

from api.dependencies import SystemDep
from application.access import Accesses
from application.accounts import Accounts
from application.api_tokens import ApiTokens
from application.assessments import Assessments
from application.casework import Casework
from application.centres import Centres
from application.disposals import Disposals
from application.erasure import Erasures
from application.pins import Pins
from application.protection import Protection
from application.readers import Readers
from application.requests import Requests
from application.reviews import Reviews
from application.searches import Searches
from application.sign_in import SignIn
from application.supervision import Supervision
from application.team import Team
from application.territory import Regions
from application.unsealing import Unsealing


async def casework_of(system: SystemDep) -> Casework:
    return Casework(system.records, system.vault)


async def centres_of(system: SystemDep) -> Centres:
    return Centres(system.records)


async def team_of(system: SystemDep) -> Team:
    return Team(system.records, system.vault)


async def regions_of(system: SystemDep) -> Regions:
    return Regions(system.records)


async def supervision_of(system: SystemDep) -> Supervision:
    return Supervision(system.records)


async def reviews_of(system: SystemDep) -> Reviews:
    return Reviews(system.records)


async def erasures_of(system: SystemDep) -> Erasures:
    return Erasures(system.records, system.vault)


async def accesses_of(system: SystemDep) -> Accesses:
    return Accesses(system.records)


async def accounts_of(system: SystemDep) -> Accounts:
    return system.identity.accounts


async def api_tokens_of(system: SystemDep) -> ApiTokens:
    return system.identity.api_tokens


async def searches_of(system: SystemDep) -> Searches:
    return system.searches


async def sign_in_of(system: SystemDep) -> SignIn:
    return system.identity.sign_in


ErasuresDep = Annotated[Erasures, Depends(erasures_of)]


async def pins_of(system: SystemDep) -> Pins:
    return Pins(system.records)


async def protection_of(system: SystemDep) -> Protection:
    return Protection(system.records, system.vault)


async def unsealing_of(system: SystemDep) -> Unsealing:
    return Unsealing(system.records, system.vault)


async def readers_of(system: SystemDep) -> Readers:
    return Readers(system.records, system.vault)


async def requests_of(system: SystemDep) -> Requests:
    return Requests(system.records, system.vault)


async def assessments_of(system: SystemDep) -> Assessments:
    return Assessments(system.records)


async def disposals_of(system: SystemDep) -> Disposals:
    return Disposals(system.records, system.vault)


CaseworkDep = Annotated[Casework, Depends(casework_of)]
CentresDep = Annotated[Centres, Depends(centres_of)]
TeamDep = Annotated[Team, Depends(team_of)]
RegionsDep = Annotated[Regions, Depends(regions_of)]
SupervisionDep = Annotated[Supervision, Depends(supervision_of)]
ReviewsDep = Annotated[Reviews, Depends(reviews_of)]
AccessesDep = Annotated[Accesses, Depends(accesses_of)]
PinsDep = Annotated[Pins, Depends(pins_of)]
AccountsDep = Annotated[Accounts, Depends(accounts_of)]
ApiTokensDep = Annotated[ApiTokens, Depends(api_tokens_of)]
SearchesDep = Annotated[Searches, Depends(searches_of)]
SignInDep = Annotated[SignIn, Depends(sign_in_of)]
ProtectionDep = Annotated[Protection, Depends(protection_of)]
UnsealingDep = Annotated[Unsealing, Depends(unsealing_of)]
ReadersDep = Annotated[Readers, Depends(readers_of)]
RequestsDep = Annotated[Requests, Depends(requests_of)]
AssessmentsDep = Annotated[Assessments, Depends(assessments_of)]
DisposalsDep = Annotated[Disposals, Depends(disposals_of)]
