"""The team desk: every change of a counsellor or volunteer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from application.casework import Identity
from application.drafts import SELF
from application.eventlog import Receipt
from application.policy import Action
from application.records import Actor, Command, NotFound, Records
from application.territory import require_place
from application.vault import Drafts, Vault
from domain import practitioner_certificates, practitioner_posts, practitioner_service
from domain.account import Account
from domain.account_events import account_id
from domain.base import Event, Refused, Stamp, Text
from domain.practitioner import Practitioner
from domain.practitioner_events import (
    DEFAULT_STARS,
    AppointmentLetter,
    Appraisal,
    Certificate,
    Post,
    Registration,
    ServiceHours,
    Star,
    Tenure,
    Training,
)


class RegistrationFacts(Registration):
    """A registration as it is written down: the identity is not sealed yet."""

    identity: Identity  # type: ignore[assignment]  # by `draft`

    def draft(self, drafts: Drafts) -> Registration:
        """The registration as the domain passes it on."""
        identity = self.identity.draft(drafts, SELF)
        return Registration(**{**dict(self), "identity": identity})


class CertificateFacts(Certificate):
    """A certificate as it is written down: its number is not sealed yet."""

    number: Text | None = None

    def draft(self, drafts: Drafts) -> Certificate:
        """The certificate as the domain passes it on."""
        number = drafts.of(SELF, self.number) if self.number else None
        return Certificate(**{**dict(self), "number": number})


@dataclass(frozen=True, slots=True)
class Team:
    """The commands on practitioners."""

    records: Records
    vault: Vault

    def register(
        self, practitioner_id: UUID, registration: RegistrationFacts, by: Command
    ) -> Receipt:
        """Join the team; the identity is recorded sealed."""
        draft = registration.draft(self.vault.drafts(practitioner_id))
        return self.records.change(
            by,
            Practitioner,
            practitioner_id,
            practitioner_posts.register,
            draft,
            check=lambda _: require_own_team(
                self.records, (practitioner_id, registration.account), by.by
            ),
        )

    def correct_registration(
        self, practitioner_id: UUID, after: RegistrationFacts, by: Command
    ) -> Receipt:
        """Put right what was entered at registration, the kind included."""
        draft = after.draft(self.vault.drafts(practitioner_id))
        return self.records.change(
            by,
            Practitioner,
            practitioner_id,
            practitioner_posts.correct_registration,
            draft,
            check=lambda _: require_own_team(
                self.records, {after.account} - self._account_of(practitioner_id), by.by
            ),
        )

    def _account_of(self, practitioner_id: UUID) -> set[UUID | None]:
        """The account that a member of the team has, as registered."""
        registration = self.records.get(Practitioner, practitioner_id).registration
        return set() if registration is None else {registration.account}

    def void_registration(self, practitioner_id: UUID, by: Command) -> Receipt:
        """Take back a registration made by mistake; whatever it counted must be voided first."""
        return self.records.change(
            by, Practitioner, practitioner_id, practitioner_posts.void_registration
        )

    def deregister(self, practitioner_id: UUID, by: Command) -> Receipt:
        """Leave the team: every post still held is left the same day, the primary one last."""
        return self.records.change(by, Practitioner, practitioner_id, practitioner_posts.deregister)

    def void_deregistration(self, practitioner_id: UUID, by: Command) -> Receipt:
        """Take back a leaving entered by mistake; posts resume by correcting their ends."""
        return self.records.change(
            by, Practitioner, practitioner_id, practitioner_posts.void_deregistration
        )

    def register_certificate(
        self, practitioner_id: UUID, certificate: CertificateFacts, by: Command
    ) -> Receipt:
        """Present a certificate, its number sealed; it counts for nothing until verified."""
        draft = certificate.draft(self.vault.drafts(practitioner_id))
        return self.records.change(
            by,
            Practitioner,
            practitioner_id,
            practitioner_certificates.register_certificate,
            draft,
        )

    def verify_certificate(
        self, practitioner_id: UUID, certificate_id: UUID, by: Command
    ) -> Receipt:
        """Confirm that a certificate is genuine, neither as its holder nor as who registered it."""
        return self.records.change(
            by,
            Practitioner,
            practitioner_id,
            practitioner_certificates.verify_certificate,
            certificate_id,
        )

    def revoke_certificate(
        self, practitioner_id: UUID, certificate_id: UUID, by: Command
    ) -> Receipt:
        """Note, with the reason, that a certificate is valid no longer from the stamp's date on."""
        return self.records.change(
            by,
            Practitioner,
            practitioner_id,
            practitioner_certificates.revoke_certificate,
            certificate_id,
        )

    def correct_certificate(
        self, practitioner_id: UUID, after: CertificateFacts, by: Command
    ) -> Receipt:
        """Put a certificate right; one that was verified takes a second person again."""
        draft = after.draft(self.vault.drafts(practitioner_id))
        return self.records.change(
            by, Practitioner, practitioner_id, practitioner_certificates.correct_certificate, draft
        )

    def void_certificate(self, practitioner_id: UUID, certificate_id: UUID, by: Command) -> Receipt:
        """Take back a certificate entered by mistake: it never counted."""
        return self.records.change(
            by,
            Practitioner,
            practitioner_id,
            practitioner_certificates.void_certificate,
            certificate_id,
        )

    def issue_letter(
        self, practitioner_id: UUID, letter: AppointmentLetter, by: Command
    ) -> Receipt:
        """Hand over a letter of appointment (聘书)."""
        return self.records.change(
            by, Practitioner, practitioner_id, practitioner_posts.issue_letter, letter
        )

    def assume_post(self, practitioner_id: UUID, post: Post, by: Command) -> Receipt:
        """Take a post; while no other is held it is the primary one, whatever was asked for."""
        return self.records.change(
            by,
            Practitioner,
            practitioner_id,
            practitioner_posts.assume_post,
            post,
            check=lambda _: require_place(self.records, post.place, post.from_on),
        )

    def leave_post(self, practitioner_id: UUID, post_id: UUID, by: Command) -> Receipt:
        """Leave a post: the stamp's date is the first day without it."""
        return self.records.change(
            by, Practitioner, practitioner_id, practitioner_posts.leave_post, post_id
        )

    def move_primary(self, practitioner_id: UUID, post_id: UUID, by: Command) -> Receipt:
        """Be counted at another post that is held, from the stamp's date on."""
        return self.records.change(
            by, Practitioner, practitioner_id, practitioner_posts.move_primary, post_id
        )

    def correct_post(self, practitioner_id: UUID, after: Tenure, by: Command) -> Receipt:
        """Put a post, its end or its being primary right; without an end it is held again."""
        return self.records.change(
            by,
            Practitioner,
            practitioner_id,
            practitioner_posts.correct_post,
            after,
            check=lambda _: require_place(self.records, after.post.place, after.post.from_on),
        )

    def void_post(self, practitioner_id: UUID, post_id: UUID, by: Command) -> Receipt:
        """Take back a post entered by mistake: it was never held."""
        return self.records.change(
            by, Practitioner, practitioner_id, practitioner_posts.void_post, post_id
        )

    def complete_training(self, practitioner_id: UUID, training: Training, by: Command) -> Receipt:
        """Record a course; it counts at the primary post of its last day."""
        return self.records.change(
            by, Practitioner, practitioner_id, practitioner_service.complete_training, training
        )

    def correct_training(self, practitioner_id: UUID, after: Training, by: Command) -> Receipt:
        """Put a course right; one that keeps its date keeps its place."""
        return self.records.change(
            by, Practitioner, practitioner_id, practitioner_service.correct_training, after
        )

    def void_training(self, practitioner_id: UUID, training_id: UUID, by: Command) -> Receipt:
        """Take a course out of the figures."""
        return self.records.change(
            by, Practitioner, practitioner_id, practitioner_service.void_training, training_id
        )

    def credit_hours(self, practitioner_id: UUID, hours: ServiceHours, by: Command) -> Receipt:
        """Credit service; other minutes than passed need the rule that gives them."""
        return self.records.change(
            by,
            Practitioner,
            practitioner_id,
            practitioner_service.credit_hours,
            hours,
            check=lambda _: require_place(self.records, hours.place, hours.on),
        )

    def correct_hours(
        self, practitioner_id: UUID, after: ServiceHours, requested_by: UUID, by: Command
    ) -> Receipt:
        """Put service hours right: one person asks for it, another one verifies and enters it."""

        def require_place_and_requester(_: Stamp) -> None:
            require_place(self.records, after.place, after.on)
            require_person(self.records, requested_by)

        return self.records.change(
            by,
            Practitioner,
            practitioner_id,
            practitioner_service.correct_hours,
            after,
            requested_by,
            check=require_place_and_requester,
        )

    def void_hours(self, practitioner_id: UUID, hours_id: UUID, by: Command) -> Receipt:
        """Take service hours out of the figures."""
        return self.records.change(
            by, Practitioner, practitioner_id, practitioner_service.void_hours, hours_id
        )

    def award_star(self, practitioner_id: UUID, star: Star, by: Command) -> Receipt:
        """Award a volunteer a star reached by hours, under the policy in force."""

        def award(practitioner: Practitioner, star: Star, stamp: Stamp) -> Iterator[Event]:
            return practitioner_service.award_star(practitioner, star, DEFAULT_STARS, stamp)

        return self.records.change(by, Practitioner, practitioner_id, award, star)

    def revoke_star(self, practitioner_id: UUID, after: Star | None, by: Command) -> Receipt:
        """Take a star back, down to a lower one or to none, with the reason."""
        return self.records.change(
            by, Practitioner, practitioner_id, practitioner_service.revoke_star, after
        )

    def record_appraisal(self, practitioner_id: UUID, appraisal: Appraisal, by: Command) -> Receipt:
        """Appraise a year that has begun, once."""
        return self.records.change(
            by, Practitioner, practitioner_id, practitioner_service.record_appraisal, appraisal
        )

    def correct_appraisal(self, practitioner_id: UUID, after: Appraisal, by: Command) -> Receipt:
        """Put the appraisal of a year right."""
        return self.records.change(
            by, Practitioner, practitioner_id, practitioner_service.correct_appraisal, after
        )


def require_own_team(records: Records, people: Iterable[UUID | None], actor: Actor) -> None:
    """Refuse to take somebody into the team whose account is of an office out of reach.

    What is done to the record of the team is done to whoever acts under its id. Who has no post yet
    may be kept by an office above, which opens the accounts of those below it. Raises `Forbidden`.
    """
    for person in filter(None, people):
        account = records.find(Account, account_id(person))
        if account is not None:
            held = account.offices_held(records.jurisdiction.today)
            if held or not records.jurisdiction.is_below(actor, account.require_opened().office):
                offices = held or {account.require_opened().office}
                records.jurisdiction.require_offices(actor, Action.MANAGE_TEAM, offices)


def require_person(records: Records, person: UUID) -> None:
    """Refuse to name somebody who is neither of the team nor has an account."""
    with suppress(NotFound):
        if records.find(Practitioner, person) or records.find(Account, account_id(person)):
            return
    raise Refused("requester-unknown", requester=person)
