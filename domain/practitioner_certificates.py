"""The certificates of a practitioner (辅导员/志愿者): presented, verified, revoked."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from domain.base import Event, Refused, Stamp
from domain.practitioner import Practitioner
from domain.practitioner_events import (
    Certificate,
    CertificateCorrected,
    CertificateRegistered,
    CertificateRevoked,
    CertificateVerified,
    CertificateVoided,
    Credential,
)
from domain.record import find, present, require_in_order, require_past, require_reason


def register_certificate(
    practitioner: Practitioner, certificate: Certificate, by: Stamp
) -> Iterator[Event]:
    """Present a certificate; it counts for nothing until someone else verified it."""
    practitioner.require_team()
    if certificate.id in practitioner.credentials:
        raise Refused("record-exists", record=certificate.id)
    require_sound(practitioner, certificate, by)
    yield CertificateRegistered.of(practitioner, by, certificate=certificate)


def verify_certificate(
    practitioner: Practitioner, certificate_id: UUID, by: Stamp
) -> Iterator[Event]:
    """Confirm that a certificate is genuine, neither as its holder nor as who registered it.

    Refused for a day before it was presented, and so for one before it was issued.
    """
    practitioner.require_registered()
    credential = find(practitioner.credentials, certificate_id)
    require_unrevoked(credential)
    if credential.verified_on is not None:
        raise Refused("certificate-already-verified", verified_on=credential.verified_on)
    require_second_person(practitioner, credential, by)
    certificate = credential.certificate
    if by.occurred_on < credential.presented_on:
        raise Refused("certificate-not-yet-presented", presented_on=credential.presented_on)
    if certificate.expires_on is not None and by.occurred_on > certificate.expires_on:
        raise Refused("certificate-expired", expires_on=certificate.expires_on)
    verified = credential.model_copy(update={"verified_on": by.occurred_on})
    yield CertificateVerified.of(
        practitioner, by, certificate=certificate, **practitioner.restated(credential=verified)
    )


def revoke_certificate(
    practitioner: Practitioner, certificate_id: UUID, by: Stamp
) -> Iterator[Event]:
    """Note, with the reason, that a certificate is valid no longer from the stamp's date on."""
    practitioner.require_registered()
    if by.reason is None:
        raise Refused("revocation-needs-reason")
    credential = find(practitioner.credentials, certificate_id)
    require_unrevoked(credential)
    require_in_order(credential.certificate.issued_on, by.occurred_on)
    revoked = credential.model_copy(update={"revoked_on": by.occurred_on})
    yield CertificateRevoked.of(
        practitioner,
        by,
        certificate=credential.certificate,
        **practitioner.restated(credential=revoked),
    )


def correct_certificate(
    practitioner: Practitioner, after: Certificate, by: Stamp
) -> Iterator[Event]:
    """Put a certificate right; one that was verified takes a second person again."""
    require_reason(by)
    practitioner.require_registered()
    credential = find(practitioner.credentials, after.id)
    if credential.certificate == after:
        raise Refused("correction-changes-nothing", record=after.id)
    if credential.verified_on is not None:
        require_second_person(practitioner, credential, by)
    require_sound(practitioner, after, by)
    if after.issued_on > credential.presented_on:
        raise Refused("certificate-issued-later", presented_on=credential.presented_on)
    corrected = credential.model_copy(update={"certificate": after})
    yield CertificateCorrected.of(
        practitioner,
        by,
        before=credential.certificate,
        after=after,
        **practitioner.restated(credential=corrected),
    )


def void_certificate(
    practitioner: Practitioner, certificate_id: UUID, by: Stamp
) -> Iterator[Event]:
    """Take back a certificate entered by mistake: it never counted."""
    require_reason(by)
    practitioner.require_registered()
    credential = find(practitioner.credentials, certificate_id)
    yield CertificateVoided.of(
        practitioner,
        by,
        credential=credential,
        **practitioner.restated(without_certificate=certificate_id),
    )


def require_sound(practitioner: Practitioner, certificate: Certificate, by: Stamp) -> None:
    """Refuse a certificate of the future, one that ends before it begins, and a second copy."""
    require_past(certificate.issued_on, by)
    require_in_order(certificate.issued_on, certificate.expires_on)
    for other in present(practitioner.credentials):
        known = other.certificate
        same = isinstance(known.number, str) and known.number == certificate.number
        if same and known.kind is certificate.kind and known.id != certificate.id:
            raise Refused("certificate-registered-twice", certificate=known.id)


def require_unrevoked(credential: Credential) -> None:
    """Refuse a certificate that was revoked."""
    if credential.revoked_on is not None:
        raise Refused("certificate-revoked", revoked_on=credential.revoked_on)


def require_second_person(practitioner: Practitioner, credential: Credential, by: Stamp) -> None:
    """Refuse the holder, and who registered the certificate, as its verifier."""
    account = practitioner.require_registered().account
    if by.actor in (practitioner.id, account, credential.registered_by):
        raise Refused("verifier-not-independent")
