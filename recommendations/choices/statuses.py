"""Observation status: the code that a source states, its two columns, and its words.

A value keeps what calculations tell apart (``obs_status``) and the code of its source
(``source_status``) where that says more. Values from before the second column have the words that
readers of files wrote into the comment, and nothing where the source stated ``M`` or no code.
"""

from django.utils.translation import gettext_lazy as _

from recommendations.choices import MISSING_CODES, ObsStatus, SourceStatus

CODES = frozenset({*ObsStatus.values, *SourceStatus.values})
"""Every code of CL_OBS_STATUS."""

CODE_CHOICES = [
    *((code, label) for code, label in ObsStatus.choices if code != ObsStatus.MISSING),
    *((code, label) for code, label in SourceStatus.choices if code not in MISSING_CODES),
    *((code, label) for code, label in SourceStatus.choices if code in MISSING_CODES),
]
"""Every code with its label, those of missing values last."""

LABELS: dict[str, tuple[str, ...]] = {
    "A": ("Normal", "Normal value", "Final", "Valeur normale", "Normale"),
    "B": (
        *("Break", "Time series break", "Break in time series", "Break in series"),
        *("Rupture", "Rupture de série", "Rupture de série chronologique"),
        "Rupture dans la série chronologique",
    ),
    "D": ("Definition differs", "Définition différente", "La définition diffère"),
    "E": ("Estimate", "Estimated", "Estimated value", "Valeur estimée", "Estimée", "Estimation"),
    "F": (
        *("Forecast", "Forecast value", "Projection", "Projected value"),
        *("Valeur prévue", "Valeur prévisionnelle", "Prévision", "Valeur projetée"),
    ),
    "G": ("Experimental", "Experimental value", "Valeur expérimentale"),
    "H": (
        "Missing value; holiday or weekend",
        *("Valeur manquante; jour férié ou week-end", "Valeur manquante; jour férié ou weekend"),
        "Valeur manquante; jour férié ou fin de semaine",
    ),
    "I": (
        *("Imputed", "Imputed value", "Imputed value (CCSA definition)"),
        *("Valeur imputée", "Valeur imputée (définition du CCSA)"),
        *("Valeur imputée (définition CCSA)", "Imputation"),
    ),
    "J": ("Derogation", "Dérogation"),
    "K": (
        "Data included in another category",
        *("Données incluses dans une autre catégorie", "Inclus dans une autre catégorie"),
    ),
    "L": (
        "Missing value; data exist but were not collected",
        *(
            f"Valeur manquante; {data} existent mais n’ont pas été {collected}"
            for data in ("données", "les données", "des données")
            for collected in ("collectées", "recueillies")
        ),
    ),
    "M": (
        "Missing value; data cannot exist",
        *("Valeur manquante; données ne pouvant exister", "Valeur manquante; ne peut exister"),
        *(f"Valeur manquante; les données ne peuvent {no}exister" for no in ("", "pas ")),
    ),
    "N": ("Not significant", "Non significatif", "Non significative", "Valeur non significative"),
    "O": ("Missing", "Missing value", "Valeur manquante", "Manquante", "Donnée manquante"),
    "P": (
        *("Provisional", "Provisional value", "Preliminary value"),
        *("Valeur provisoire", "Provisoire", "Valeur préliminaire"),
    ),
    "Q": (
        *("Missing value; suppressed", "Valeur manquante; supprimée"),
        *("Valeur manquante; données supprimées", "Valeur manquante; confidentielle"),
    ),
    "S": (
        *("Strike", "Strike and other special events", "Strike or other special event"),
        *("Grève et autres événements spéciaux", "Grève ou autre événement spécial"),
        "Grève et autres événements particuliers",
    ),
    "U": ("Low reliability", "Faible fiabilité", "Fiabilité faible", "Valeur peu fiable"),
    "V": ("Unvalidated", "Unvalidated value", "Valeur non validée"),
    "W": (
        "Includes data from another category",
        *("Inclut des données d’une autre catégorie", "Comprend des données d’une autre catégorie"),
        "Inclut des données provenant d’une autre catégorie",
    ),
}
"""How files name each code, in English and French: the names of the lists 1.0 to 2.2, as agencies
publish and translate them, and their short forms. Neither case, accents nor punctuation counts."""

UNDEFINED = ("Undefined", "Not defined", "Indéfini", "Indéfinie", "Non défini", "Non définie")
"""Words for a status that the source leaves open, in English and French; no code of the list."""

NOT_KEPT = _("Missing (source code not kept)")

_LABELS = dict(CODE_CHOICES)
_EARLIER_WORDS = {
    ObsStatus.MISSING.value: {
        "Missing": "O",
        "Missing: data exist but were not collected": "L",
        "Missing: holiday or weekend": "H",
        "Missing: suppressed": "Q",
        "Not applicable": "M",
    },
    ObsStatus.NORMAL.value: {
        "Data included in another category": "K",
        "Definition differs": "D",
        "Derogation": "J",
        "Experimental value": "G",
        "Includes data from another category": "W",
        "Not significant": "N",
        "Strike or other special event": "S",
        "Unvalidated value": "V",
    },
}


_CALCULATED = frozenset(ObsStatus.values)
"""Codes that calculations tell apart."""


def status_columns(code: str) -> dict[str, str]:
    """``obs_status`` and ``source_status`` of a value with this code; ``KeyError`` if unknown."""
    if code not in CODES:
        raise KeyError(code)
    if code in MISSING_CODES:
        return {"obs_status": ObsStatus.MISSING.value, "source_status": code}
    if code in _CALCULATED:
        return {"obs_status": code, "source_status": ""}
    return {"obs_status": ObsStatus.NORMAL.value, "source_status": code}


def stated_code(obs_status: str, source_status: str, comment: str) -> str:
    """The code that the source stated; empty where a missing value was stored without it."""
    if source_status:
        return source_status
    if earlier := _EARLIER_WORDS.get(obs_status):
        found = next((earlier[part] for part in comment.split("; ") if part in earlier), "")
        return found or ("" if obs_status == ObsStatus.MISSING else obs_status)
    return obs_status


def code_label(code: str) -> str:
    """The label of what ``stated_code`` gives."""
    return str(_LABELS.get(code, NOT_KEPT))
