"""What to know of a case before anybody is called or written to (安全提示)."""

from pydantic import BaseModel

from domain.base import Aggregate
from domain.case import Case
from domain.values import Party


class Safety(BaseModel):
    """What to know before anything else of a case, as it is now, whatever moment is asked for."""

    violence_known: bool
    only_by_safe_contact: list[Party]
    safe_contact: list[Party]
    protected_address: list[Party]

    @classmethod
    def of(cls, record: Aggregate) -> "Safety | None":
        """What is to be known of a record; None where there is no danger."""
        if not isinstance(record, Case) or not (
            record.violent or record.reached or record.sheltered
        ):
            return None
        return cls(
            violence_known=record.violent,
            only_by_safe_contact=[party for party in Party if record.reached.get(party)],
            safe_contact=[party for party in Party if party in record.reached],
            protected_address=[party for party in Party if party in record.sheltered],
        )
