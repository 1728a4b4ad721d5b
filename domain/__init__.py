"""What is true about the work: the contents page. A module that is not named here has no events."""

from domain import access as access
from domain import base as base
from domain import calendar as calendar
from domain import case as case
from domain import centre as centre
from domain import log as log
from domain import practitioner as practitioner
from domain import region as region
from domain import review as review
from domain import supervision as supervision
