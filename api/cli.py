"""The command line `huhang`: what operators, statisticians and auditors do without a browser."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from fractions import Fraction
from typing import Annotated, Any
from uuid import UUID, uuid4

import psycopg
import typer
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from pydantic import ValidationError
from pydantic_core import to_jsonable_python
from typer.exceptions import TyperException

from api.asking import require_machine
from api.cli_accounts import account
from api.cli_dossier import handing_out
from api.cli_proof import proof
from api.cli_readings import readings
from api.cli_rights import rights
from api.cli_roles import roles
from api.cli_stamp import stamps
from api.cli_territory import territory
from api.cli_vault import vault
from api.cli_witness import witness
from api.terminal import (
    FAILED,
    WRONG_ARGUMENT,
    Json,
    Workers,
    bar,
    end_in_order,
    end_unread,
    err,
    fail,
    fraction,
    out,
    sentence,
    show,
    warn,
)
from api.wording import slip
from application.alarms import Alarm, NotStanding, ring
from application.as_of import AsOfRefused
from application.beginning import open_records
from application.cosigning import ImplausibleSize, known_witnesses, retired_witnesses, witness_keys
from application.database import DatabaseUnavailable, nameless
from application.envelope import Unopened
from application.eventlog import RequestReused
from application.first_seal import NotGone
from application.installation import init_database, irreplaceable, open_database, require_own_logins
from application.jurisdiction import Forbidden
from application.memory import Busy
from application.note import MalformedNote, Unverified
from application.records import NotFound
from application.seal import NotSealed, RolledBack
from application.seal_health import seal_health
from application.settings import DangerousSetting, Settings
from application.simulation_plan import SimulationRefused
from application.timestamp import NotStamped
from application.tokens import TokenRefused
from application.tree import Unproven
from application.vault import open_vault
from application.witness import Refusal, WitnessWithoutMemory
from domain.base import Refused
from domain.values import Role
from projections.comparison import ComparisonFailed
from projections.indicators import UnknownIndicator
from projections.projector import Halted, Lagging, Projector
from projections.questions import QuestionRefused

WRONG = (
    AsOfRefused,
    QuestionRefused,
    UnknownIndicator,
    Forbidden,
    ImplausibleSize,
    NotFound,
    Refused,
    RequestReused,
    SimulationRefused,
    TokenRefused,
)


class CannotListen(Exception):  # noqa: N818 - said to people
    """The address cannot be served at."""


BROKEN = (
    Alarm,
    Busy,
    CannotListen,
    ComparisonFailed,
    DangerousSetting,
    DatabaseUnavailable,
    Halted,
    Lagging,
    MalformedNote,
    NotGone,
    NotStanding,
    NotSealed,
    NotStamped,
    OSError,
    Refusal,
    RolledBack,
    Unopened,
    Unproven,
    Unverified,
    WitnessWithoutMemory,
    psycopg.Error,
)

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Huhang (护航): the records of a marriage-and-family counselling network.",
)
for family in (readings, proof, stamps, handing_out, vault, roles, rights, territory):
    app.add_typer(family)
app.add_typer(witness, name="witness")
app.add_typer(account, name="account")


def main() -> None:
    """Run a command; where nobody reads its answer to the end, it ends as by SIGPIPE."""
    try:
        code = ended()
    except BrokenPipeError:
        end_unread()
    except SystemExit as left:
        if isinstance(left.__context__, BrokenPipeError):  # typer ends by itself, with 1
            end_unread()
        raise
    sys.exit(code)


def ended() -> int:
    """The exit code of a command: a wrong argument gets one clear line and 2, a failure 1."""
    try:
        code: int = app(standalone_mode=False) or 0
        sys.stdout.flush()  # what was not taken was not told
        return code
    except TyperException as error:
        fail(argument_slip(error), WRONG_ARGUMENT)
    except ValidationError as error:
        if error.title != Settings.__name__:
            raise
        fail(slip(f"HUHANG_{str(error.errors()[0]['loc'][0]).upper()}", error), WRONG_ARGUMENT)
    except WRONG as error:
        fail(sentence(error), WRONG_ARGUMENT)
    except BrokenPipeError:
        raise
    except BROKEN as error:
        fail(sentence(error), FAILED)
    except (KeyboardInterrupt, typer.Abort):
        fail("Stopped.", FAILED)


def argument_slip(error: TyperException) -> str:
    """What is wrong with the arguments, in one line."""
    if isinstance(error, typer.BadParameter) and isinstance(error.__cause__, ValidationError):
        assert error.param is not None
        option = error.param.opts[0]
        return slip(option if option.startswith("-") else option.upper(), error.__cause__)
    return " ".join(error.format_message().split())


@app.command()
def demo(
    scale: Annotated[
        str | None, typer.Option(help="Of the year, where the log is empty; default: 1/100.")
    ] = None,
) -> None:
    """Simulate a year, rebuild its published figures, read it as of moments."""
    from api.demo import NotEqual, run

    try:
        run(out, None if scale is None else fraction(scale))
    except NotEqual as error:
        fail(str(error), FAILED)


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")
    ] = 8000,
) -> None:
    """Serve the HTTP API and its OpenAPI page."""
    import uvicorn

    from api.app import create_app

    settings = Settings()
    end_in_order()
    with listening(host, port) as door, open_database(settings) as database:
        open_records(database, settings).close()  # what is refused is said here, in one line
        with open_vault(database, settings):
            pass
        known_witnesses(settings)
        at = f"http://{host}:{door.getsockname()[1]}/docs"
        out.print(f"{at} – the API; make a token with: huhang token")
        server = uvicorn.Server(
            uvicorn.Config(
                create_app(database, settings),
                log_level="warning",
                proxy_headers=False,  # ours believes only proxies that the settings name
                server_header=False,  # which server serves it is nobody's business
            )
        )
        with suppress(KeyboardInterrupt):  # how a person ends it
            server.run(sockets=[door])
    if not server.started:
        sys.exit(FAILED)  # the server said why


def listening(host: str, port: int) -> socket.socket:
    """The socket to serve at, taken before anything else is started: a port in use is said at once.

    Raises `CannotListen`.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(address[:2], family=family)
    except OSError as error:
        why = str(error.strerror).partition(" (")[0]
        raise CannotListen(
            f"Cannot listen on {host}, port {port}: {why}. Take another --host or --port, or stop "
            "what listens there."
        ) from None


@app.command()
def simulate(
    scale: Annotated[str, typer.Option(help="1 is the province's year; 1/100 or 0.01 a sample.")],
    seed: Annotated[int, typer.Option(help="The same seed gives the same year.")] = 2019,
    workers: Workers = 2,
    as_json: Json = False,
) -> None:
    """Fill an empty log with a simulated year; on a server by URL, as HUHANG_OWNER_URL."""
    from application.simulation import simulate as run

    try:
        fraction = Fraction(scale)
    except (ValueError, ZeroDivisionError):
        raise QuestionRefused(f"“{scale}” is no scale; write 1, 0.1 or 1/100.") from None
    settings = Settings()
    with open_database(settings) as database:
        with bar("simulating") as progress:
            simulated = run(database, settings, fraction, seed, workers, progress)
        with bar("projecting") as progress:
            Projector(database).rebuild(workers, progress)
    if not show({"events": simulated.events}, as_json):
        out.print(f"{simulated.events:,} events of a simulated year are in the log.")


@app.command()
def rebuild(
    workers: Workers = 2,
    keep: Annotated[bool, typer.Option(help="Keep the build that is replaced.")] = False,
    replace: Annotated[
        bool,
        typer.Option("--replace", help="Switch although the live ones differ, as after a change."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Build all read models anew beside the live ones, compare, and switch.

    Where the live ones differ an alarm rings, and they stay: look who changed them, with --keep if
    they are to be looked at later, and then say --replace.
    """
    settings = Settings()
    differences: list[str] = []

    def despite(different: ComparisonFailed) -> None:
        ring(settings.home, different)
        if not replace:
            raise ComparisonFailed(
                f"{different} The live one stays; find out who changed it, then: huhang rebuild "
                "--replace"
            )
        differences.append(str(different))

    with open_database(settings) as database:
        projector = Projector(database)
        with bar("rebuilding") as progress:
            build = projector.rebuild(workers, progress, despite)
        dropped = [] if keep else projector.drop_unused()
    answer = {"build": build.number, "position": build.position, "dropped": dropped}
    if not show({**answer, "differences": differences}, as_json):
        for different in differences:
            warn(f"Replaced: {different}")
        out.print(f"Build {build.number} is live at position {build.position:,}.")


@app.command()
def status(as_json: Json = False) -> None:
    """Where the log and the read models are."""
    from projections.health import health

    settings = Settings()
    with open_database(settings) as database:
        Projector(database)
        keys, retired = witness_keys(settings), retired_witnesses(settings)
        seal = seal_health(database, settings.home, keys, retired)
        found = {**asdict(health(database)), **asdict(seal)}
    if not show(found, as_json):
        for name, value in spelled_out(to_jsonable_python(found)):
            out.print(f"{name:>22}  {value}", highlight=False, soft_wrap=True)


def spelled_out(found: dict[str, Any], within: str = "") -> Iterator[tuple[str, str]]:
    """Each thing that was found, a line each, its name after those it lies in."""
    for name, value in found.items():
        full = f"{within}{name}".replace("_", " ")
        match value:
            case dict():
                yield from spelled_out(value, f"{full} ")
            case [dict(), *_]:
                for one in value:
                    yield full, ", ".join(f"{key} {said}" for key, said in one.items())
            case list():
                yield full, ", ".join(map(str, value)) or "none"
            case None:
                yield full, "none"
            case _:
                yield full, str(value)


@app.command()
def disposable() -> None:
    """Say whether HUHANG_HOME can go, as it holds a simulated year at most; else what it holds."""
    held = irreplaceable(Settings().home)
    if held is not None:
        fail(held, FAILED)


@app.command()
def token(
    role: Annotated[Role, typer.Option(help="What the person is.")],
    office: Annotated[UUID, typer.Option(help="Id of the centre or region acted for.")],
    actor: Annotated[UUID | None, typer.Option(help="Pseudonym of the person.")] = None,
    hours: Annotated[int, typer.Option(min=1, max=24, help="How long it holds.")] = 8,
) -> None:
    """Issue a token: there is no way into the API without one."""
    from application.records import Actor
    from application.tokens import issue, require_office

    require_machine()
    settings = Settings()
    with open_database(settings) as database:
        known = require_office(database, office)
    if not known:
        err.print(
            "The log has no centre and no region yet: what this token does is refused, unless its "
            "office is that of the first administrator, who founds the first region (huhang "
            "account first).",
            highlight=False,
            soft_wrap=True,
        )
    print(issue(settings, Actor(actor or uuid4(), role, office), hours=hours))


@app.command("init-db")
def init_db(
    owner_url: Annotated[
        str | None,
        typer.Option(
            help="URL of the database, as a user who owns it and may create roles; "
            "default: HUHANG_OWNER_URL, which no list of processes shows."
        ),
    ] = None,
    renew_passwords: Annotated[
        bool, typer.Option(help="Give the roles new passwords; other installations lose theirs.")
    ] = False,
) -> None:
    """Prepare a server of your own, once: roles, log, grants, passwords in HUHANG_HOME."""
    settings = Settings()
    require_own_logins(settings)
    url = owner_url or settings.owner_url
    if url is None:
        fail("Say who administers the server: --owner-url or HUHANG_OWNER_URL.", WRONG_ARGUMENT)
    init_database(url, settings.home, renew_passwords=renew_passwords)
    out.print(f"The log is installed. From now on:\n\nexport HUHANG_DATABASE_URL='{nameless(url)}'",
              highlight=False, soft_wrap=True)  # fmt: skip


@app.command()
def database(
    show_passwords: Annotated[bool, typer.Option(help="Print passwords as well.")] = False,
    as_json: Json = False,
) -> None:
    """Print the connection strings; the server runs as long as any command does."""
    require_machine()
    with open_database(Settings()) as found:
        strings = {
            "application": found.application,
            "projector": found.projector,
            "sealer": found.sealer,
            "vault": found.vault,
            "identity": found.identity,
            "reader": found.reader,
            "owner": found.administrator,
        }
    printed = {
        name: string if show_passwords else without_password(string)
        for name, string in strings.items()
        if string is not None
    }
    if not show(printed, as_json):
        for name, string in printed.items():
            out.print(f"{name:>12}  {string}", highlight=False, soft_wrap=True)


def without_password(conninfo: str) -> str:
    """A connection string that may be shown."""
    user = conninfo_to_dict(conninfo).get("user")
    return make_conninfo(nameless(conninfo), **{"user": user} if user else {})
