"""Who may do what.

Decisions go by the groups a person is in: being a superuser opens the administration and no
decision. Models ask here what a person may see, so this layer imports no model;
their names serve as types only.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from django.conf import settings

from recommendations.choices import Role, Stance, UpdateKind, UpdateState
from recommendations.transitions import OPEN_TO_AUTHOR

if TYPE_CHECKING:
    from recommendations.models import (
        Evidence,
        EvidenceLink,
        EvidenceRevision,
        ImportRun,
        Indicator,
        Observation,
        OpeningBatch,
        Recommendation,
        SavedView,
        StatusUpdate,
        User,
    )

ALL_ROLES = frozenset(Role.values)
WRITERS = frozenset({Role.STAFF, Role.MANAGER})
READERS_OF_DRAFTS = frozenset({Role.STAFF, Role.MANAGER, Role.AUDITOR, Role.ADMINISTRATOR})
READERS_OF_THE_LOG = frozenset({Role.MANAGER, Role.AUDITOR, Role.ADMINISTRATOR})
USERS_OF_THE_ADMINISTRATION = READERS_OF_THE_LOG
"""Roles to which the administration shows something, such as handing over all work."""
MANAGERS_AND_ADMINS = frozenset({Role.MANAGER, Role.ADMINISTRATOR})


class Person(Protocol):
    """Whoever reads or acts: a user, or an anonymous visitor.

    Users also have ``organisation_id`` and ``role_names``; visitors have neither, and hold no role.
    """

    @property
    def pk(self) -> Any: ...

    @property
    def is_authenticated(self) -> bool: ...

    @property
    def is_active(self) -> bool: ...

    @property
    def is_superuser(self) -> bool: ...


def organisation_id(person: Person) -> int | None:
    """Id of the organisation that a person acts for, if any."""
    found: int | None = getattr(person, "organisation_id", None)
    return found


def roles(person: Person) -> frozenset[str]:
    """The roles of a person who is signed in and active; none otherwise.

    A program never decides: as whoever else may write, but for what a manager alone may.
    """
    if not person.is_authenticated or not person.is_active:
        return frozenset()
    held = frozenset(getattr(person, "role_names", ()))
    return held - {Role.MANAGER} if is_service(person) else held


def is_service(person: Person) -> bool:
    """Whether it is the account of a program, which has tokens and never signs in."""
    return bool(getattr(person, "is_service", False))


def _has_any(person: Person, wanted: frozenset[str]) -> bool:
    return bool(roles(person) & wanted)


def is_shut_out(person: "User") -> bool:
    """Whether it is an account of the demonstration, on a site that is none."""
    return person.is_demonstration and not settings.DEMONSTRATION_SIGNS_IN


def is_reader(person: Person) -> bool:
    """May open what has a public face: everybody where public pages are on, else with a role."""
    return settings.PUBLIC_PAGES or can_read_internally(person)


def can_read_internally(person: Person) -> bool:
    """May read more than what is public: anybody with a role."""
    return _has_any(person, ALL_ROLES)


def can_read_drafts(person: Person) -> bool:
    """May read drafts, returned updates, decision notes, internal notes and internal evidence."""
    return _has_any(person, READERS_OF_DRAFTS)


can_read_internal_evidence = can_read_drafts
can_read_changes = can_read_drafts


def can_read_log(person: Person) -> bool:
    """May read the event log."""
    return _has_any(person, READERS_OF_THE_LOG)


def can_read_exceptions(person: Person) -> bool:
    """May read the exception report."""
    return _has_any(person, frozenset({Role.MANAGER, Role.AUDITOR}))


def can_write(person: Person) -> bool:
    """May log progress on at least some recommendations."""
    return _has_any(person, WRITERS)


def can_review(person: Person) -> bool:
    """May decide on what others wrote."""
    return Role.MANAGER in roles(person)


def can_log(person: Person, recommendation: "Recommendation") -> bool:
    """May draft and submit on this recommendation.

    A manager may on all; staff where they are the lead officer, or where their organisation
    leads or contributes.
    """
    if recommendation.archived_at is not None:
        return False
    held = roles(person)
    if Role.MANAGER in held:
        return True
    own = organisation_id(person)
    return Role.STAFF in held and (
        recommendation.lead_officer_id == person.pk
        or (
            own is not None
            and (own == recommendation.lead_id or own in recommendation.organisation_ids())
        )
    )


def can_record_decision(person: Person, recommendation: "Recommendation") -> bool:
    """May record what a body decided on what an update asks for, and withdraw that: a manager."""
    return can_review(person) and recommendation.archived_at is None


def can_edit(person: Person, update: "StatusUpdate") -> bool:
    """May change the words of an update: its author alone, and only while it is open to them."""
    return (
        update.state in OPEN_TO_AUTHOR
        and update.author_id == person.pk
        and can_log(person, update.recommendation)
    )


def can_begin_again(person: Person, update: "StatusUpdate") -> bool:
    """May log an update that begins with the words of this one, which they withdrew."""
    return (
        (update.state, update.kind) == (UpdateState.WITHDRAWN, UpdateKind.REGULAR)
        and update.author_id == person.pk
        and can_log(person, update.recommendation)
    )


def can_decide_batch(person: Person, batch: "OpeningBatch") -> bool:
    """May approve a batch of opening statuses: a manager who did not import the list."""
    return can_review(person) and batch.submitted_by_id != person.pk


def can_undo_batch(person: Person, batch: "OpeningBatch") -> bool:
    """May undo a batch of opening statuses, or leave out rows: who imported it, or a manager."""
    return can_review(person) or (can_import(person) and batch.submitted_by_id == person.pk)


def can_withdraw(person: Person, update: "StatusUpdate") -> bool:
    """May take back an update that is not decided: its author alone."""
    return update.author_id == person.pk and can_write(person)


def can_withdraw_date(person: Person, asked_by: int) -> bool:
    """May take back a request for another date: whoever asked, or took the request over."""
    return asked_by == person.pk and can_write(person)


def can_hand_over(person: Person, update: "StatusUpdate") -> bool:
    """May give a draft to another author: its author, or a manager."""
    return can_withdraw(person, update) or can_review(person)


def can_hand_over_all(person: Person) -> bool:
    """May give all the work of one person to another."""
    return _has_any(person, MANAGERS_AND_ADMINS)


def can_decide(person: Person, update: "StatusUpdate") -> bool:
    """May approve or return: a manager who wrote no version of it."""
    return can_review(person) and not _wrote(person, update)


def _wrote(person: Person, update: "StatusUpdate") -> bool:
    """Whether this person is the author of an update, or wrote a version of it."""
    return update.author_id == person.pk or person.pk in update.editor_ids()


def can_attach(person: Person, update: "StatusUpdate") -> bool:
    """May add evidence to an update: while it is open its author, then whoever may log there."""
    if update.state in OPEN_TO_AUTHOR:
        return can_edit(person, update)
    return can_log(person, update.recommendation)


def can_detach(person: Person, link: "EvidenceLink") -> bool:
    """May take evidence from a recommendation, a figure or a response; an update has its own rule.

    A manager may. From a recommendation those who keep the administration may too, from a response
    whoever may log there, and from a figure whoever may record figures there; except what somebody
    else set against it.
    """
    if can_review(person):
        return True
    if link.recommendation_id is not None:
        return can_manage(person)
    if is_anothers_objection(person, link):
        return False
    if link.response is not None:
        return can_log(person, link.response.addressee.recommendation)
    return link.observation is not None and can_observe(person, link.observation.indicator)


def is_anothers_objection(person: Person, link: "EvidenceLink") -> bool:
    """Whether somebody else set this item against the claim, who alone may take it away."""
    return bool(link.stance == Stance.UNDERMINES and link.added_by_id != person.pk)


def can_check_evidence(
    person: Person, evidence: "Evidence", revision: "EvidenceRevision | None" = None
) -> bool:
    """May mark evidence as checked: a manager who neither recorded it nor brought its file.

    ``revision`` is the file that it has now, if any.
    """
    brought_it = revision is not None and revision.added_by_id == person.pk
    return can_review(person) and evidence.recorded_by_id != person.pk and not brought_it


def can_change_evidence(person: Person, evidence: "Evidence") -> bool:
    """May mend what is said of an item and give it a newer file.

    Managers may; staff what they recorded themselves. What the source itself offers is changed by
    those who keep it, in the administration.
    """
    if evidence.recorded_by_id is None:
        return False
    return can_review(person) or (can_write(person) and evidence.recorded_by_id == person.pk)


def can_answer(person: Person, link: "EvidenceLink") -> bool:
    """May answer what contradicts an update: who may log there and wrote no version of it."""
    return (
        link.update is not None
        and not _wrote(person, link.update)
        and can_log(person, link.update.recommendation)
    )


def can_end_contradiction(person: Person, link: "EvidenceLink") -> bool:
    """May end what contradicts an update: who added it, or a manager who wrote no version of it."""
    return (
        link.update is not None
        and can_log(person, link.update.recommendation)
        and (link.added_by_id == person.pk or can_decide(person, link.update))
    )


def can_observe(person: Person, indicator: "Indicator") -> bool:
    """May record figures of an indicator.

    Managers and those who keep the administration of all; staff where it is linked to a
    recommendation on which they may log.
    """
    return can_manage(person) or _answers_for(person, indicator)


def can_record(person: Person) -> bool:
    """May record figures of at least some indicators."""
    return can_write(person) or can_manage(person)


def can_confirm(person: Person, observation: "Observation") -> bool:
    """May confirm a value: a manager, or staff who may record values there, who did not record it.

    Not by virtue of keeping the administration: to confirm is a decision.
    """
    is_another = observation.recorded_by_id != person.pk and not is_service(person)
    return is_another and _answers_for(person, observation.indicator)


def can_confirm_import(person: Person, run: "ImportRun") -> bool:
    """May confirm the values of an import: as for each of them."""
    is_another = run.by_id != person.pk and not is_service(person)
    return is_another and _answers_for(person, run.indicator)


def _answers_for(person: Person, indicator: "Indicator") -> bool:
    return can_review(person) or (
        can_write(person)
        and any(
            can_log(person, recommendation) for recommendation in indicator.linked_recommendations()
        )
    )


def can_manage(person: Person) -> bool:
    """May add and change what the administration keeps, such as sources, areas and people.

    An administrator, or a superuser, who sets a new site up; decisions ask for the role itself.
    """
    return (person.is_active and person.is_superuser) or can_administer(person)


def can_change_recommendations(person: Person) -> bool:
    """May add recommendations and change what is said of them, and of what they rest on."""
    return can_review(person) or can_manage(person)


def can_add_to(person: Person, recommendation: "Recommendation") -> bool:
    """May add what stands beside updates: responses, actions, evidence.

    Whoever may log there, and in the administration those who keep it.
    """
    return can_log(person, recommendation) or can_manage(person)


def can_publish(person: Person) -> bool:
    """May publish and archive recommendations."""
    return _has_any(person, MANAGERS_AND_ADMINS)


def can_set_deputy(person: Person, of: int | None) -> bool:
    """May name a deputy of the person with this key: for themselves, or who hands over work."""
    return (can_write(person) and person.pk == of) or can_hand_over_all(person)


def can_name_deputies(person: Person) -> bool:
    """May name a deputy of anybody at all."""
    return can_write(person) or can_hand_over_all(person)


def can_set_first_date(person: Person) -> bool:
    """May set the first target date of a recommendation; later ones are requested and decided."""
    return _has_any(person, MANAGERS_AND_ADMINS)


def can_change_many(person: Person) -> bool:
    """May change many recommendations at once, and undo that."""
    return _has_any(person, MANAGERS_AND_ADMINS)


def can_share_views(person: Person) -> bool:
    """May share saved views of the list with all readers inside."""
    return can_review(person)


def can_change_view(person: Person, view: "SavedView") -> bool:
    """May rename and remove a saved view: its owner, and a manager where it is shared."""
    return view.owner_id == person.pk or (view.is_shared and can_share_views(person))


def can_sign_off(person: Person) -> bool:
    """May sign off a source or a recommendation as of a day."""
    return can_review(person)


def can_run_rounds(person: Person) -> bool:
    """May open, extend, chase and close reporting rounds."""
    return can_review(person)


def can_read_rounds(person: Person) -> bool:
    """May read every reporting round; policy staff read those that ask them."""
    return _has_any(person, ALL_ROLES - {Role.STAFF})


def can_return_sheet(person: Person, organisation: int) -> bool:
    """May bring in the spreadsheet of a round that an organisation filled in.

    A manager, or policy staff of that organisation, given by its id.
    """
    return can_review(person) or (can_write(person) and organisation_id(person) == organisation)


def can_invite(person: Person) -> bool:
    """May invite people, into any role, and withdraw invitations: as for all that people may."""
    return can_administer(person)


def can_set_up(person: Person) -> bool:
    """May open the set-up, which leads to the parts of it that the person may do."""
    return can_change_recommendations(person)


def can_undo_import(person: Person) -> bool:
    """May undo an import of values: a manager, or who keeps the administration."""
    return can_change_recommendations(person)


SCOPES: Mapping[str, Callable[[Person], bool]] = {
    "can_report": can_write,
    "can_review": can_review,
    "can_import": lambda person: can_record(person) or can_change_recommendations(person),
}
"""What a token may do besides reading, and who may give that to one of theirs."""


def can_keep_tokens(person: Person, of: Person) -> bool:
    """May create and revoke the API tokens of an account: their own, and those of a program."""
    if is_service(of):
        return can_administer(person)
    return person.pk == of.pk and can_read_internally(person)


def can_have_webhooks(person: Person) -> bool:
    """May have events sent to an address outside."""
    return _has_any(person, MANAGERS_AND_ADMINS)


def can_import_areas(person: Person) -> bool:
    """May bring groups of countries and other names of areas in: who imports what needs them."""
    return can_change_recommendations(person)


def can_import(person: Person) -> bool:
    """May bring recommendations in from a spreadsheet."""
    return _has_any(person, MANAGERS_AND_ADMINS)


def can_read_all_messages(person: Person) -> bool:
    """May read the reminders of other people: in a demonstration alone, where none is sent."""
    return can_administer(person) and bool(settings.DEMONSTRATION_SIGNS_IN)


def can_administer(person: Person) -> bool:
    """May use the administration pages."""
    return Role.ADMINISTRATOR in roles(person)
