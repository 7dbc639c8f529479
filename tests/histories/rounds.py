"""What managers ask for in reporting rounds, and what they do with those that are open."""

from datetime import timedelta

from recommendations.actions.rounds.running import close_round, extend_round, remind
from recommendations.models import Organisation, Recommendation, ReportingRound
from recommendations.queries.rounds.standing import by_organisation, tally_of
from tests.histories.history import History, act
from tests.rounds import sent_round


def _open_round(history: History) -> ReportingRound:
    return history.pick(ReportingRound.objects.filter(closed_at__isnull=True))


@act
def ask_in_a_round(history: History) -> None:
    history.no_more(ReportingRound.objects.filter(closed_at__isnull=True))
    day = history.day(-60, 0)
    sent_round(
        Recommendation.objects.order_by("pk"),
        history.world.manager,
        name=history.word("Round"),
        as_of=day,
        reply_by=history.today + timedelta(days=30),
    )


@act
def extend_a_round(history: History) -> None:
    """For whoever has most to report."""
    round = _open_round(history)
    tally = tally_of(round, history.today)
    for organisation, part in by_organisation(tally)[:1]:
        if part.reply_by is not None:
            extend_round(
                round=round,
                organisation=Organisation.objects.get(pk=organisation),
                new_day=max(part.reply_by, history.today) + timedelta(days=7),
                reason=history.word("Reason"),
                shown_day=part.reply_by,
                by=history.world.manager,
            )


@act
def remind_in_a_round(history: History) -> None:
    remind(round=_open_round(history), by=history.world.manager)


@act
def close_a_round(history: History) -> None:
    round = _open_round(history)
    shown = tally_of(round, history.today).is_in
    close_round(round=round, shown_in=shown, by=history.world.manager)
