"""A reading as far as whoever asks may see: what routes that show rows or figures ask for."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from api.admission import admitted
from api.dependencies import CurrentActor, SystemDep
from api.permissions import OPEN, SURFACES
from api.questions import ReadingDep
from application.jurisdiction import NOTHING, forbidden
from application.policy import Action, Actor, Reach, reach
from projections.readings import Reading


async def require_permitted(request: Request) -> None:
    """Refuse a role that has no business with an operation at all. Raises `Forbidden`."""
    operation = request.scope["route"].name
    if operation in OPEN:
        return
    actor, actions = (await admitted(request)).actor, SURFACES[operation]
    if all(reach(actor, action) is Reach.NONE for action in actions):
        raise forbidden(actor, *actions)


class Seen:
    """The reading that was asked for, as somebody sees it.

    `reading` is that of the operation's action; of one with several it shows nothing, until `by`
    says which it is.
    """

    def __init__(
        self, request: Request, actor: CurrentActor, system: SystemDep, reading: ReadingDep
    ) -> None:
        self._jurisdiction = system.records.jurisdiction
        self._actor: Actor = actor
        actions = SURFACES[request.scope["route"].name]
        self.reading: Reading = reading.seen(NOTHING)
        if len(actions) == 1:
            self.reading = self.by(actions[0])

    def by(self, action: Action) -> Reading:
        """The reading as an action of looking shows it. Raises `Forbidden`."""
        return self.reading.seen(self._jurisdiction.sight(self._actor, action))


SeenDep = Annotated[Seen, Depends(Seen)]
