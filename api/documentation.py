"""The page of the API, from files of this installation alone: no foreign server, no inline code."""

from pathlib import Path
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter
from fastapi import Path as InPath
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse

from api.dependencies import SystemDep
from api.questions import SIMULATED

STATIC: Final = Path(__file__).parent / "static"

POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)

PARAMETERS: Final = {
    "from": "自哪一日起（含当日）。The first day, included.",
    "to": "至哪一日止（含当日）。The last day, included.",
    "limit": "最多返回多少条。At most so many.",
    "after": "上一页所给的 next，缺省为第一页。The `next` of the page before; else the first page.",
}
"""What parameters of many operations are, where an operation does not say it itself."""

File = Literal["docs.js", "swagger-ui/swagger-ui-bundle.js", "swagger-ui/swagger-ui.css"]

router = APIRouter(include_in_schema=False)


def tell_people(operation: dict[str, Any]) -> None:
    """Head an operation by the Chinese that its description begins with; describe its parameters.

    What a parameter is that may be left out stands in one of its choices, which nobody is shown.
    """
    if "description" in operation:
        operation["summary"] = operation["description"].split(maxsplit=1)[0]
    for parameter in operation.get("parameters", ()):
        choices = parameter["schema"].get("anyOf", ())
        told = [choice["description"] for choice in choices if "description" in choice]
        words = [*told, PARAMETERS.get(parameter["name"])]
        if "description" not in parameter and words[0] is not None:
            parameter["description"] = words[0]


@router.get("/")
def lead_to_page() -> RedirectResponse:
    """Who types the bare address finds the page, also below a proxy's path."""
    return RedirectResponse("docs")


@router.get("/docs")
def read_page(system: SystemDep) -> HTMLResponse:
    """The page; that of a simulated log says so."""
    page = (STATIC / "docs.html").read_text("utf-8")
    notice = f'<p role="status">{SIMULATED}</p>' if system.readings.simulated() else ""
    return HTMLResponse(
        page.replace("<body>", f"<body>{notice}", 1), headers={"Content-Security-Policy": POLICY}
    )


@router.get("/docs/{name:path}")
def read_file(name: Annotated[File, InPath()]) -> FileResponse:
    """What the page is made of; nothing personal, so a browser may keep it."""
    return FileResponse(STATIC / name, headers={"Cache-Control": "no-cache"})
