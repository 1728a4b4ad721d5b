"""What is true about the work: the contents page. A module that is not named here has no events."""

from domain import access as access
from domain import base as base
from domain import calendar as calendar
from domain import case as case
from domain import case_events as case_events
from domain import case_rules as case_rules
from domain import centre as centre
from domain import centre_events as centre_events
from domain import log as log
from domain import practitioner as practitioner
from domain import practitioner_events as practitioner_events
from domain import record as record
from domain import region as region
from domain import region_events as region_events
from domain import review as review
from domain import standing as standing
from domain import supervision as supervision
from domain import values as values
from domain import wording as wording
