"""`huhang roles`: the policy as a page that people read, which docs/roles.md is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import typer

from api.permissions import OPERATIONS
from application.policy import ACTIONS, POLICY, ROLES, Action, Reach

HEAD: Final = """# 谁可以做什么、看什么 Who may do and see what

本页由 `huhang roles` 按 `application/policy.py` 生成，请勿手改。
This page is printed by `huhang roles` from `application/policy.py`; a test keeps them equal.

格中文字是职权范围，从办理人所在单位算起。
A cell says how far an action reaches from the actor's office:
"""

REACHES: Final = {
    Reach.NONE: "无权 not at all",
    Reach.OWN: "首接负责或者被指派的个案 cases received by or assigned to oneself",
    Reach.CENTRE: "本中心、站或室 what lies at one's own centre, station or room",
    Reach.REGION: "按今日区划 one's region and all below it, by today's boundaries",
    Reach.ALL: "everything",
}


ISSUED: Final = """
督办单、合规检查、锁定的报告期和布置的报表，由签发、发起、锁定、布置的单位或其上级核销、撤改、开放；报表各级由该级单位审核。
依法保全、停业、评级、经费、离队、账号锁定、领导小组与会议和调度、影响评估，由办理的单位或其上级解除、恢复、撤改。
What an office issued, opened, locked, entered or requires of these is judged, undone and settled
by it or from above, whoever else reaches the place; a report at a level by the office of that.
"""

roles = typer.Typer()


@roles.command("roles")
def print_roles() -> None:
    """Print who may do and see what, as Markdown."""
    print("\n".join(roster()))


def roster() -> Iterator[str]:
    """The lines of the page."""
    yield HEAD
    for reach, words in REACHES.items():
        yield f"- **{'—' if reach is Reach.NONE else reach.label}** – {words}"
    yield ISSUED
    yield line("事项 Action", *(role.label for role in ROLES))
    yield line(*["---"] * (len(ROLES) + 1))
    for action in Action:
        cells = (POLICY[action][role] for role in ROLES)
        yield line(
            f"{action.label} `{action}`",
            *("—" if cell is Reach.NONE else cell.label for cell in cells),
        )
    yield "\n## 每个事项包括什么 What each action is\n"
    yield "决定是领域中的函数，接口是 `/docs` 中的操作。"
    yield "Decisions are functions of the domain, operations those of `/docs`.\n"
    for action in Action:
        decisions = sorted(
            name.rpartition("domain.")[2] for name, of in ACTIONS.items() if of is action
        )
        yield f"### {action.label} `{action}`\n"
        if decisions:
            yield f"- 决定 Decisions: {listed(decisions)}"
        if operations := OPERATIONS.get(action, ()):
            yield f"- 接口 Operations: {listed(operations)}"
        yield ""


def line(*cells: str) -> str:
    """A row of a table."""
    return f"| {' | '.join(cells)} |"


def listed(names: Iterator[str] | list[str] | tuple[str, ...]) -> str:
    """Names as code, with commas between."""
    return ", ".join(f"`{name}`" for name in names)
