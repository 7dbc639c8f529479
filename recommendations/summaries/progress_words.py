"""Progress in words: how far, from where, to where, at which pace; and what is not known."""

from fractions import Fraction

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from recommendations.summaries.exact import as_decimal
from recommendations.summaries.figures import in_words
from recommendations.summaries.progress import Progress, Term
from recommendations.vocabulary import ObsStatus


def told(progress: Progress, decimals: int) -> str:
    """“50 % of the way from 40 (2019) to 10 (2025)”, or what cannot be said and why."""
    baseline, target = progress.baseline, progress.target
    if progress.share is not None and baseline and target:
        ends = {"baseline": term(baseline, decimals), "target": term(target, decimals)}
        words = _("%(share)s of the way from %(baseline)s to %(target)s")
        if progress.share < 0:
            words = _("%(share)s of the way: further from %(target)s than at first, %(baseline)s")
        return words % {"share": _share(progress), **ends}
    if progress.is_at_target_from_the_start and target:
        words = {
            True: _("The target, %(target)s, is where it began, and is met"),
            False: _("The target, %(target)s, is where it began, and is not met"),
            None: _("The target, %(target)s, is where it began; whether it is met is not known"),
        }[progress.is_met]
        return words % {"target": term(target, decimals)}
    missing = [
        name
        for name, found in (
            (_("no baseline"), baseline),
            (_("no target"), target),
            (_("no figure"), progress.actual),
        )
        if found is None or found.exact is None
    ]
    return _("Progress cannot be worked out: %(missing)s") % {"missing": ", ".join(missing)}


def term(found: Term, decimals: int) -> str:
    """A number with its period and its marks: “about 40 (2019, derived)”."""
    value = in_words(found.value, "", decimals)
    if found.is_lower_bound:
        value = _("more than %s") % value
    if found.is_approximate:
        value = _("about %s") % value
    return f"{value} ({', '.join([found.period.code, *marks(found)])})"


def marks(found: Term) -> list[str]:
    """What a number is worth, apart from what stands before it."""
    named = [_("derived")] if found.is_derived else []
    named += [_("assumed")] if found.is_assumed else []
    if found.status != ObsStatus.NORMAL:
        named.append(str(ObsStatus(found.status).label).lower())
    return named


def pace(progress: Progress, unit: str, decimals: int) -> str:
    """“−2.5 persons a year since 2019; −5 a year are needed until 2025”; as far as it is known."""
    parts = []
    if progress.pace is not None and progress.baseline:
        parts.append(
            _("%(pace)s %(unit)s a year since %(period)s")
            % {
                "pace": rounded(progress.pace, decimals),
                "unit": unit,
                "period": progress.baseline.period.code,
            }
        )
    if progress.required_pace is not None and progress.target and not progress.is_met:
        parts.append(
            _("%(pace)s %(unit)s a year are needed until the end of %(period)s")
            % {
                "pace": rounded(progress.required_pace, decimals),
                "unit": unit,
                "period": progress.target.period.code,
            }
        )
    return "; ".join(parts)


def projection(progress: Progress, decimals: int) -> str:
    """What a straight line would reach, said to be that; empty where there is none."""
    if progress.projection is None or progress.target is None:
        return ""
    return _("%(value)s in %(period)s (a projection, not a forecast of anybody’s)") % {
        "value": rounded(progress.projection, decimals),
        "period": progress.target.period.code,
    }


def rounded(number: Fraction, decimals: int) -> str:
    """A number that was computed, with one place more than the figures have."""
    places = decimals + 1
    value = round(as_decimal(number), places) + 0  # Without the sign of a negative nothing.
    return str(number_format(value, decimal_pos=places, force_grouping=True)).replace("-", "−", 1)


def percent(share: Fraction) -> str:
    """In whole per cent; 0 % and 100 % are said only of what is exactly that."""
    whole = round(share * 100)
    for exactly in (0, 100):
        if whole == exactly and share * 100 != exactly:
            is_more = share * 100 > exactly
            return (_("just over %d %%") if is_more else _("just under %d %%")) % exactly
    return f"{number_format(whole, force_grouping=True)} %".replace("-", "−", 1)


def _share(progress: Progress) -> str:
    """The share; of a lower bound it is a bound as well."""
    shown = percent(progress.share or Fraction(0))
    actual, ends = progress.actual, (progress.baseline, progress.target)
    if not (actual and actual.is_lower_bound and ends[0] and ends[1]):
        return shown
    is_upwards = (ends[1].exact or 0) > (ends[0].exact or 0)
    return (_("at least %s") if is_upwards else _("at most %s")) % shown
