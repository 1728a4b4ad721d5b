"""Who somebody is whose look is judged: the reading log knows a pseudonym, a judge needs a name."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from application.drafts import SELF
from application.envelope import Unopened
from application.jurisdiction import NotFound, kept_out
from application.protection import released_or_traced, text_of
from application.records import Command, Records
from application.vault import Vault
from domain.access import Viewing
from domain.account import Account
from domain.account_events import LoginName, account_id
from domain.base import Text, Value


class Reader(Value):
    """A person with an account; without `name`, that was erased or cannot be opened."""

    person: UUID
    login: LoginName
    name: Text | None


@dataclass(frozen=True, slots=True)
class Readers:
    """Tells who readers are, each time under a trace; who may ask is told by the reading log."""

    records: Records
    vault: Vault

    def reader(self, person: UUID, viewing: Viewing, by: Command) -> Reader:
        """Who a reader is, by login and name.

        Raises `NotFound` of who has no account, and `Forbidden` of somebody with whom who asks
        declared a conflict.
        """
        account = self.opened(person)
        if self.records.jurisdiction.stays_out(by.by, account):
            raise kept_out()
        opening = account.require_opened()
        try:
            released = released_or_traced(self.vault, self.records, [SELF], viewing, by)
            name = text_of(released, opening.name)
        except Unopened:
            name = None
        return Reader(person=person, login=opening.login, name=name)

    def opened(self, person: UUID) -> Account:
        """The account of a person as it was opened, which says who that is. Raises `NotFound`."""
        try:
            account = self.records.proved(account_id(person), version=1)
        except NotFound:
            raise without_account(person) from None
        assert isinstance(account, Account), "an account's stream bears no other record"
        return account


def without_account(person: UUID) -> NotFound:
    """What is said of who acts without an account."""
    return NotFound(
        f"{person} has no account: who runs the machine acts so, or who has a token of it. Ask "
        "whoever runs it.",
        f"{person} 没有账号，系由系统运维人员或其签发的令牌操作，请向运维人员查询。",
    )
