"""The page of the API, from files of this installation alone: no foreign server, no inline code."""

from pathlib import Path
from typing import Annotated, Final, Literal

from fastapi import APIRouter
from fastapi import Path as InPath
from fastapi.responses import FileResponse, HTMLResponse

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

File = Literal["docs.js", "swagger-ui/swagger-ui-bundle.js", "swagger-ui/swagger-ui.css"]

router = APIRouter(include_in_schema=False)


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
