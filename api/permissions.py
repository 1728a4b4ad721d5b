"""Which action of the policy each operation of the API is: the surfaces of the roster.

An operation that stands in no row does not start. What an operation does is asked again where it is
done, on the very record; here it is only asked whether a role has any business at the door.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from application.policy import Action, PolicyGap

OPERATIONS: Final[Mapping[Action, tuple[str, ...]]] = {
    Action.OPEN_CASES: (
        "open_case",
        "correct_case_opening",
        "note_anonymous",
        "link_encounter",
    ),
    Action.IDENTIFY_PARTIES: (
        "identify_party",
        "correct_party",
    ),
    Action.OBSERVE_REGISTRY: (
        "declare_outcome",
        "break_deferral",
        "void_deferral_break",
        "observe_application",
    ),
    Action.REGISTER: (
        "confirm_outcome",
        "accept_application",
    ),
    Action.RECTIFY_REGISTRY: (
        "revise_outcome",
        "void_outcome",
        "correct_application",
        "void_application",
    ),
    Action.COUNSEL: (
        "make_referral",
        "correct_referral",
        "accept_referral",
        "decline_referral",
        "complete_referral",
        "void_referral",
        "schedule_follow_up",
        "correct_follow_up",
        "make_follow_up",
        "miss_follow_up",
        "cancel_follow_up",
        "void_follow_up",
        "rate_satisfaction",
        "correct_rating",
        "void_rating",
        "offer_counselling",
        "give_consent",
        "decline_counselling",
        "withdraw_consent",
        "correct_answer",
        "void_answer",
        "record_assessment",
        "agree_plan",
        "book_appointment",
        "reschedule_appointment",
        "miss_appointment",
        "cancel_appointment",
        "hold_session",
        "correct_session",
        "void_session",
    ),
    Action.PROTECT: (
        "make_report",
        "correct_report",
        "void_report",
        "note_warning_letter",
        "note_protection_order",
        "void_safety_document",
        "screen_party",
        "correct_screening",
        "void_screening",
        "set_risk",
        "correct_risk",
        "void_risk",
    ),
    Action.ASSIGN: ("assign_counsellor",),
    Action.RECUSE: ("recuse_counsellor",),
    Action.TRANSFER: (
        "request_transfer",
        "accept_transfer",
        "reject_transfer",
    ),
    Action.PROPOSE_CLOSURE: ("propose_closure",),
    Action.DECIDE_CLOSURE: (
        "approve_closure",
        "return_closure",
        "void_closure",
        "reopen_case",
        "archive_case",
        "void_case",
    ),
    Action.ERASE: (
        "place_hold",
        "lift_hold",
        "erase",
    ),
    Action.GOVERN_CENTRES: (
        "establish_centre",
        "correct_establishment",
        "void_establishment",
        "close_centre",
        "void_closing",
        "reassign_centre",
    ),
    Action.RUN_CENTRES: (
        "relocate_centre",
        "revise_registry_offices",
        "suspend_centre",
        "resume_centre",
    ),
    Action.WORK_AT_CENTRES: (
        "hold_outreach",
        "correct_outreach",
        "void_outreach",
        "work_shift",
        "correct_shift",
        "void_shift",
    ),
    Action.KEEP_FUNDS: (
        "appropriate_funds",
        "correct_appropriation",
        "void_appropriation",
        "spend_funds",
        "correct_spending",
        "void_spending",
        "pay_subsidy",
        "correct_subsidy",
        "void_subsidy",
    ),
    Action.GRADE_CENTRES: (
        "inspect_facilities",
        "award_grade",
        "review_grade",
        "lower_grade",
        "revoke_grade",
    ),
    Action.ASSIST: (
        "request_assistance",
        "correct_assistance",
        "dispatch_volunteer",
        "record_arrival",
        "complete_assistance",
        "cancel_assistance",
        "void_assistance",
    ),
    Action.MANAGE_TEAM: (
        "register_practitioner",
        "correct_registration",
        "void_registration",
        "deregister_practitioner",
        "void_deregistration",
        "register_certificate",
        "correct_certificate",
        "void_certificate",
        "issue_letter",
        "assume_post",
        "correct_post",
        "leave_post",
        "move_primary_post",
        "void_post",
    ),
    Action.VERIFY_CERTIFICATES: (
        "verify_certificate",
        "revoke_certificate",
    ),
    Action.CREDIT_SERVICE: (
        "complete_training",
        "correct_training",
        "void_training",
        "credit_hours",
        "correct_hours",
        "void_hours",
        "award_star",
        "revoke_star",
        "record_appraisal",
        "correct_appraisal",
    ),
    Action.GOVERN_REGIONS: (
        "establish_region",
        "establish_village",
        "correct_founding",
        "void_founding",
        "rename_region",
        "void_renaming",
        "move_region",
        "void_move",
        "succeed_region",
        "correct_succession",
        "void_succession",
    ),
    Action.COORDINATE: (
        "form_leading_group",
        "correct_leading_group",
        "void_leading_group",
        "hold_joint_meeting",
        "correct_joint_meeting",
        "void_joint_meeting",
        "hold_dispatch",
        "correct_dispatch",
        "void_dispatch",
    ),
    Action.REPORT: (
        "require_report",
        "waive_report",
        "submit_report",
        "return_report",
        "approve_report",
        "restate_report",
        "lock_period",
        "reopen_period",
    ),
    Action.ISSUE_ORDERS: (
        "issue_order",
        "correct_order",
        "void_order",
        "return_order",
        "verify_order",
        "write_off_order",
        "void_write_off",
        "escalate_order",
        "extend_deadline",
    ),
    Action.ANSWER_ORDERS: (
        "acknowledge_order",
        "report_progress",
        "submit_evidence",
    ),
    Action.REVIEW: (
        "open_review",
        "draw_sample",
        "raise_finding",
        "settle_finding",
        "close_review",
    ),
    Action.ANSWER_FINDINGS: ("answer_finding",),
    Action.ASK_ACCESS: ("request_access",),
    Action.DECIDE_ACCESS: (
        "grant_access",
        "refuse_access",
    ),
    Action.JUDGE_ACCESS: (
        "review_access",
        "list_access_reviews",
        "read_access_use",
        "read_unusual_looks",
    ),
    Action.TRACE: ("make_print",),
    Action.PIN: ("pin_statistics",),
    Action.MANAGE_ACCOUNTS: (
        "open_account",
        "list_accounts",
        "read_account",
        "grant_role",
        "end_role",
        "reset_password",
        "lock_account",
        "unlock_account",
    ),
    Action.KEEP_OWN_ACCOUNT: (
        "remove_factor",
        "unlink_identity",
        "read_account",
        "issue_token",
        "list_tokens",
        "revoke_token",
        "declare_conflict",
        "withdraw_conflict",
    ),
    Action.READ_FIGURES: ("read_statistics", "reproduce_pin"),
    Action.OPEN_FIGURES: (
        "read_behind",
        "read_difference",
        "read_overlaps",
        "read_moved_deadlines",
    ),
    Action.LIST_CASES: ("read_ledger",),
    Action.EXPORT_CASES: ("download_ledger",),
    Action.LIST_WORK: ("read_ledger", "download_ledger"),
    Action.READ_CASES: ("read_history",),
    Action.READ_WORK: ("read_history",),
    Action.READ_LOOKS: (
        "read_history",
        "read_ledger",
        "download_ledger",
        "list_access_notices",
    ),
    Action.READ_REGIONS: (
        "read_history",
        "list_ledgers",
        "read_log",
        "read_regions",
        "read_indicators",
    ),
}
"""The operations of each action; one that shows records of several kinds stands in several rows."""

OPEN: Final = frozenset(
    {
        "live",
        "ready",
        "sign_in",
        "read_session",
        "enter_code",
        "change_password",
        "switch_post",
        "sign_out",
        "begin_totp",
        "confirm_totp",
        "drop_factor",
        "begin_passkey",
        "challenge_passkey",
        "show_passkey",
        "add_passkey",
        "start_oidc",
        "arrive_from_oidc",
        "link_provider",
    }
)
"""Operations that ask nobody's role: probes, and what a person does to become somebody."""

SURFACES: Final[Mapping[str, tuple[Action, ...]]] = {
    operation: tuple(action for action, named in OPERATIONS.items() if operation in named)
    for operations in OPERATIONS.values()
    for operation in operations
}
"""The actions of each operation, of which its actor must have one."""


def require_listed(operations: Iterable[str]) -> None:
    """Refuse to start with an operation that stands in no row. Raises `PolicyGap`."""
    for operation in operations:
        if operation not in SURFACES and operation not in OPEN:
            raise PolicyGap(f"{operation} stands in no row of api.permissions; add it there.")
