"""What a collector of errors is told: where it failed and how, nothing that a request brought."""

from typing import Any

from tracker.masking import masked, route_of, under_way


def masked_event(event: dict[str, Any], hint: dict[str, Any]) -> dict[str, Any]:
    """The event without what the request brought: `before_send` of Sentry, and of what is like it.

    Of the request its method and route stay, of the stack what is in the code. What happened
    before, which may hold statements with their values, is left out.
    """
    told = {name: value for name, value in event.items() if name not in ("breadcrumbs", "request")}
    for name in ("message", "logentry", "extra", "transaction"):
        if name in told:
            told[name] = _masked(told[name])
    for name in ("exception", "threads"):
        if name in told:
            told[name] = _without_variables(told[name])
    if request := under_way():
        told["request"] = {"method": request.method, "url": route_of(request)}
    return told


def _masked(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _masked(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(one) for one in value]
    return masked(value) if isinstance(value, str) else value


def _without_variables(value: Any) -> Any:
    """Exceptions with masked messages and frames without the values of their variables."""
    if isinstance(value, list):
        return [_without_variables(one) for one in value]
    if not isinstance(value, dict):
        return value
    kept = {name: _without_variables(one) for name, one in value.items() if name != "vars"}
    return kept | ({"value": _masked(value["value"])} if "value" in value else {})
