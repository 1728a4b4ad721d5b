"""What protects the people of a case (人身保护): safe contact, protected addresses, minors."""

from typing import Annotated
from uuid import UUID

from fastapi import Body, Query
from pydantic import BaseModel

from api.commands import AnswerDep, CommandDep, CommandRoute, Recorded
from api.dependencies import CurrentActor, SystemDep
from api.desks import ProtectionDep
from api.looks import EmergencyDep, LooksDep
from api.parts import Part
from application.policy import Action
from application.protection import Reach
from application.records import Command
from domain.base import Text
from domain.case import Case
from domain.looked import Looked
from domain.rights import Age
from domain.values import Party

router = Part(prefix="/cases", tags=["人身保护 Protection"], route_class=CommandRoute)
queries = Part(prefix="/cases", tags=["人身保护 Protection"])


class Contacts(BaseModel):
    """How the parties are reached, those first whom nobody may reach otherwise."""

    case: UUID
    violence_known: bool
    contacts: list[Reach]


@router.post("/{case_id}/safe-contacts", status_code=201)
def note_safe_contact(
    case_id: UUID,
    party: Annotated[Party, Body()],
    contact: Annotated[Text, Body()],
    do_not_contact: Annotated[bool, Body()],
    by: CommandDep,
    desk: ProtectionDep,
    answer: AnswerDep,
) -> Recorded:
    """登记安全联系方式 Note how and when a party is reached without danger; it is sealed."""
    return answer(case_id, desk.note_safe_contact(case_id, party, contact, do_not_contact, by))


@router.post("/{case_id}/protected-addresses", status_code=201)
def note_protected_address(
    case_id: UUID,
    party: Annotated[Party, Body()],
    address: Annotated[Text, Body()],
    by: CommandDep,
    desk: ProtectionDep,
    answer: AnswerDep,
) -> Recorded:
    """登记保护地址 Note where a party stays and the other must not learn; it is sealed."""
    return answer(case_id, desk.note_protected_address(case_id, party, address, by))


@router.post("/{case_id}/minors", status_code=201)
def approve_minor(
    case_id: UUID,
    party: Annotated[Party, Body()],
    age: Annotated[Age, Body()],
    guardian_consented: Annotated[bool, Body()],
    by: CommandDep,
    desk: ProtectionDep,
    answer: AnswerDep,
) -> Recorded:
    """审批登记未成年人 Allow that somebody else records the identity of a minor."""
    return answer(case_id, desk.approve_minor(case_id, party, age, guardian_consented, by))


@queries.get("/{case_id}/safe-contacts")
def read_safe_contacts(
    case_id: UUID,
    actor: CurrentActor,
    system: SystemDep,
    looks: LooksDep,
    emergency: EmergencyDep,
    desk: ProtectionDep,
) -> Contacts:
    """安全联系方式 How the parties are reached without danger, opened under a trace."""
    viewing = looks.unsealing(case_id, Action.READ_CONTACTS, Looked.CONTACTS, emergency)
    contacts = desk.contacts(viewing, Command(actor), emergency and emergency.stream)
    return Contacts(
        case=case_id,
        violence_known=system.records.get(Case, case_id).violent,
        contacts=sorted(contacts, key=lambda reach: not reach.only),
    )


@queries.get("/{case_id}/protected-addresses")
def read_protected_addresses(
    case_id: UUID,
    party: Annotated[Party, Query()],
    actor: CurrentActor,
    looks: LooksDep,
    desk: ProtectionDep,
) -> Reach:
    """保护地址 Where one party stays, opened under a trace; no emergency opens it."""
    viewing = looks.unsealing(case_id, Action.READ_ADDRESSES, Looked.SHELTER, of=party)
    return desk.address(party, viewing, Command(actor))
