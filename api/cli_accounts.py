"""Commands on accounts, for who operates the machine: the first administrator, and repairs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Final
from uuid import UUID, uuid4

import typer
from pydantic import ValidationError

from api.asking import TerminalLooks, bearer_of, require_machine
from api.terminal import WRONG_ARGUMENT, Json, day, fail, local, out, show
from api.wording import slip
from application.access import Accesses
from application.accounts import OnePassword, OpeningFacts
from application.alarms import note_anew
from application.beginning import by_the_system, open_records
from application.database import Database
from application.identity import Identity, open_identity
from application.installation import open_database
from application.jurisdiction import forbidden
from application.keys import anew_identity_key, author_of
from application.policy import Action, Actor, Reach, reach
from application.records import Command
from application.settings import Settings
from application.territory import id_of
from application.tokens import require_office
from application.vault import open_vault
from domain import base
from domain.account_events import Post
from domain.base import Refused
from domain.looked import Looked
from domain.region_events import Founding
from domain.values import RecordKind, RegionKind, RegionLevel, Role

SCHEME: Final = "gb2260"  # the codes of administrative divisions in the national standard

account = typer.Typer(help="Accounts: who may sign in, and in which posts.")

Person = Annotated[UUID, typer.Argument(help="Who acts in stamps; huhang account list says it.")]
Login = Annotated[str, typer.Argument(help="A staff number or pseudonym, in lower case.")]
Name = Annotated[str, typer.Option(help="The person's name; recorded sealed.")]
Office = Annotated[UUID, typer.Option(help="Id of a centre or region.")]
Why = Annotated[str | None, typer.Option("--reason", help="Why; recorded.")]
TheRole = Annotated[Role, typer.Option(help="What the person is there.")]


@dataclass(frozen=True, slots=True)
class Desk:
    """The accounts of this installation, and the command of who acts on them.

    That is the bearer of a token, or else the system, because who sits at the machine says so.
    """

    identity: Identity
    settings: Settings
    database: Database
    bearer: Actor | None

    def command(self, reason: str | None = None) -> Command:
        """What is done, and by whom."""
        by = self.bearer or by_the_system(author_of(self.settings)).by
        return Command(by, reason=reason)

    def opening(self, login: str, name: str, office: UUID) -> OpeningFacts:
        """A new account of an office that is there, or of the first one to be.

        Raises `NotFound`.
        """
        require_office(self.database, office)
        try:
            return OpeningFacts(login=login, name=name, office=office)
        except ValidationError as error:
            place = {"login": "LOGIN", "name": "--name"}[str(error.errors()[0]["loc"][0])]
            fail(slip(place, error), WRONG_ARGUMENT)

    def highest(self, office: UUID | None, founding: Founding | None) -> UUID:
        """The office of the first administrator: the region that is above all others, or will be.

        No other office reaches all, nor can any other one found it.
        """
        territory, on = self.identity.accounts.records.jurisdiction.territory, today()
        tops = sorted(territory.tops_at(on))
        if not tops and founding is not None:
            return id_of(founding)
        if not tops:
            fail(
                "The log has no region yet; say which one will be above all others, and of which "
                "day its code is: --region-code 370000 --region-name 山东省 "
                "--region-since 1949-10-01.",
                WRONG_ARGUMENT,
            )
        if office is None or office not in tops:
            named = " or ".join(f"--office {top} ({territory.name_at(top, on)})" for top in tops)
            fail(
                f"The first administrator is at the region above all others: {named}.",
                WRONG_ARGUMENT,
            )
        return office


@contextmanager
def accounts() -> Iterator[Desk]:
    """The desk of this installation."""
    settings = Settings()
    with (
        open_database(settings) as database,
        closing(open_records(database, settings)) as records,
        open_vault(database, settings) as vault,
        open_identity(database, settings, records, vault) as identity,
    ):
        yield Desk(identity, settings, database, bearer_of(database, settings, records, vault))


@account.command()
def first(
    login: Login,
    name: Name,
    office: Annotated[
        UUID | None, typer.Option(help="Id of the region that is above all others, if one is.")
    ] = None,
    code: Annotated[
        str | None, typer.Option("--region-code", help="Of a log without regions: the first one's.")
    ] = None,
    called: Annotated[
        str | None, typer.Option("--region-name", help="How that region is called.")
    ] = None,
    since: Annotated[
        str | None, typer.Option("--region-since", help="From which day on it has this code.")
    ] = None,
    scheme: Annotated[
        str, typer.Option("--region-scheme", help="Whose code it is, the same for all regions.")
    ] = SCHEME,
    as_json: Json = False,
) -> None:
    """Open the account of the first administrator, at the region that is above all others.

    Where the log has no region yet, that is the one to be founded next, by this administrator.
    """
    require_machine()
    of_the_region = (code, called, since)
    if any(of_the_region) and (office is not None or not all(of_the_region)):
        fail(
            "Give --office ID of the region above all others, or of a log without regions "
            "--region-code, --region-name and --region-since of the first one.",
            WRONG_ARGUMENT,
        )
    founding = province(scheme, code, called, since) if code and called and since else None
    with accounts() as desk:
        office = desk.highest(office, founding)
        post = Post(role=Role.ADMINISTRATOR, office=office, since=today())
        there = [one for one in lines(desk) if f"{post.role} at {office}" in str(one["posts"])]
        if there:
            raise Refused("administrator-there", login=there[0]["login"])
        person = uuid4()
        facts = desk.opening(login, name, office)
        desk.identity.accounts.open(person, facts, desk.command())
        desk.identity.accounts.grant_role(person, post, desk.command())
        given = desk.identity.accounts.reset_password(person, desk.command())
    tell(person, given, as_json, office, founding)


def province(scheme: str, code: str, name: str, since: str) -> Founding:
    """The first region of a log, as whoever begins it wrote it."""
    first_day = day(since)
    if first_day > today():
        raise Refused("not-yet-happened", occurred=first_day)
    try:
        return Founding(
            scheme=scheme,
            code=code,
            name=name,
            level=RegionLevel.PROVINCE,
            kind=RegionKind.PROVINCE,
            valid_from=first_day,
        )
    except ValidationError as error:
        field = str(error.errors()[0]["loc"][0])
        fail(slip("--region-" + {"valid_from": "since"}.get(field, field), error), WRONG_ARGUMENT)


@account.command("open")
def open_(
    login: Login,
    name: Name,
    office: Office,
    person: Annotated[
        UUID | None, typer.Option(help="Of a counsellor or volunteer, the practitioner's id.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Open an account; grant it a post and reset its password next."""
    person = person or uuid4()
    with accounts() as desk:
        facts = desk.opening(login, name, office)
        receipt = desk.identity.accounts.open(person, facts, desk.command())
    said(person, receipt.last_position, "Opened", as_json)


@account.command()
def grant(
    person: Person,
    role: TheRole,
    office: Office,
    since: Annotated[str | None, typer.Option(help="First day; default: today.")] = None,
    until: Annotated[str | None, typer.Option(help="Last day; default: none.")] = None,
    as_json: Json = False,
) -> None:
    """Give a post."""
    first_day = day(since) if since else today()
    last_day = day(until) if until else None
    try:
        post = Post(role=role, office=office, since=first_day, until=last_day)
    except ValidationError as error:
        fail(slip(f"--{error.errors()[0]['loc'][0]}", error), WRONG_ARGUMENT)
    with accounts() as desk:
        require_office(desk.database, office)
        receipt = desk.identity.accounts.grant_role(person, post, desk.command())
    said(person, receipt.last_position, f"Is {role} there", as_json)


@account.command()
def end(
    person: Person, role: TheRole, office: Office, reason: Why = None, as_json: Json = False
) -> None:
    """End a post; whoever acts in it is refused at once."""
    with accounts() as desk:
        receipt = desk.identity.accounts.end_role(person, role, office, desk.command(reason))
    said(person, receipt.last_position, f"Is no longer {role} there", as_json)


@account.command()
def reset(person: Person, reason: Why = None, as_json: Json = False) -> None:
    """Give a password for one sign-in; the former one and all sessions are void."""
    with accounts() as desk:
        given = desk.identity.accounts.reset_password(person, desk.command(reason))
    tell(person, given, as_json)


@account.command("remove-factors")
def remove_factors(person: Person, reason: Why = None, as_json: Json = False) -> None:
    """Remove all second factors, which their person has lost; all sessions are void."""
    with accounts() as desk:
        factors = desk.identity.accounts.read(person, desk.command().by).factors
        for factor in factors:
            desk.identity.accounts.remove_factor(person, factor, desk.command(reason))
    if not show({"person": person, "removed": list(factors)}, as_json):
        out.print(f"Second factors removed: {len(factors)}.", highlight=False)


@account.command()
def lock(person: Person, reason: Why = None, as_json: Json = False) -> None:
    """Let nobody act under an account; all sessions are void."""
    with accounts() as desk:
        receipt = desk.identity.accounts.lock(person, desk.command(reason))
    said(person, receipt.last_position, "Locked", as_json)


@account.command()
def unlock(person: Person, reason: Why = None, as_json: Json = False) -> None:
    """Let the person sign in again."""
    with accounts() as desk:
        receipt = desk.identity.accounts.unlock(person, desk.command(reason))
    said(person, receipt.last_position, "Unlocked", as_json)


@account.command("list")
def list_(as_json: Json = False) -> None:
    """Login names, persons and posts; names of people are sealed."""
    with accounts() as desk:
        by = desk.command().by
        if reach(by, Action.MANAGE_ACCOUNTS) is Reach.NONE:
            raise forbidden(by, Action.MANAGE_ACCOUNTS)
        found = list(lines(desk))
        looks = TerminalLooks(by, Accesses(desk.identity.accounts.records))
        looks.list(RecordKind.ACCOUNT, Looked.ACCOUNTS, len(found))
    if not show(found, as_json):
        for line in found:
            locked = "  locked" if line["locked"] else ""
            out.print(f"{line['login']:>20}  {line['person']}  {line['posts']}{locked}",
                      highlight=False, soft_wrap=True)  # fmt: skip
        if not found:
            out.print("No account is open; open the first administrator's: huhang account first")


@account.command("revoke-token")
def revoke_token(
    token: Annotated[str, typer.Argument(help="A token that huhang token printed.")],
    as_json: Json = False,
) -> None:
    """Let a token of huhang token open nothing any more."""
    with accounts() as desk:
        claims = desk.identity.tokens.read(token)
        if desk.bearer is not None and desk.bearer.id != claims.sub:
            desk.identity.accounts.read(claims.sub, desk.bearer)
        desk.identity.revoke(claims.jti)
    if not show({"revoked": claims.jti}, as_json):
        out.print("Revoked: the token lets nobody in any more.")


@account.command("new-key")
def new_key(
    reason: Annotated[str, typer.Argument(help="Why; kept in the list of alarms.")],
) -> None:
    """Make the key of sign-in anew where it is lost for good; whoever signed in before is reset."""
    require_machine()
    home = Settings().home
    anew_identity_key(home)
    note_anew(home, reason)
    out.print(
        "Made. What was written under another key lets nobody in: huhang account reset and huhang "
        "account remove-factors for an administrator of the topmost office, who resets the others.",
        highlight=False, soft_wrap=True,
    )  # fmt: skip


def lines(desk: Desk) -> Iterator[dict[str, object]]:
    """Every account, as a line."""
    for one in desk.identity.accounts.listed(desk.command().by, ""):
        posts = ", ".join(f"{post.role} at {post.office}" for post in one.posts)
        yield {
            "login": one.login,
            "person": one.person,
            "posts": posts,
            "locked": one.locked,
        }


def today() -> date:
    """The date in Asia/Shanghai."""
    return base.day(datetime.now(UTC))


def said(person: UUID, position: int, what: str, as_json: bool) -> None:
    """Say what was recorded, and where."""
    if not show({"person": person, "position": position}, as_json):
        out.print(f"{what}: {person}, recorded at position {position}.", highlight=False)


def tell(
    person: UUID,
    given: OnePassword,
    as_json: bool,
    office: UUID | None = None,
    founding: Founding | None = None,
) -> None:
    """Say a password, once, and of the first administrator the office and what is to be done."""
    answer: dict[str, object] = {
        "person": person, "password": given.password, "expires_at": given.expires_at
    }  # fmt: skip
    body = None if founding is None else {"founding": founding.model_dump(mode="json")}
    if office is not None:
        answer |= {"office": office, "next": body}
    if show(answer, as_json):
        return
    out.print(
        f"{person} signs in once with\n\n{given.password}\n\nby {local(given.expires_at)} "
        "(UTC+8), and then chooses another password.",
        highlight=False, soft_wrap=True,
    )  # fmt: skip
    if body is not None:
        out.print(
            f"\nThe office is {office}, the region that this administrator founds next, at /docs "
            "or as SECURITY.md says, by exactly this to POST /api/v1/regions:\n\n"
            f"{json.dumps(body, ensure_ascii=False)}",
            highlight=False, soft_wrap=True,
        )  # fmt: skip
