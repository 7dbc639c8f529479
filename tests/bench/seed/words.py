"""Made-up words of recommendations, varied enough to search in and to be told apart."""

from random import Random

ASKS = (
    "Publish", "Review", "Adopt", "Fund", "Extend", "Simplify", "Enforce", "Harmonise", "Test",
    "Audit", "Protect", "Repeal", "Translate", "Digitise", "Monitor", "Coordinate",
)  # fmt: skip
THINGS = (
    "the register of water permits", "rules on data protection", "the national school curriculum",
    "a code of conduct for façade insurers", "the guidance on clinical trials", "safety standards",
    "access to rural broadband", "the procurement law", "support for young farmers",
    "the statistics on Café licences", "training of inspectors", "the 数据保护 guideline",
    "open research data", "the list of protected sites", "early warning of floods",
    "the strategy on co-operation", "reporting on emissions", "the appeals procedure",
)  # fmt: skip
WHERE = (
    "in all regions", "for small bodies", "with the United Nations", "in the health sector",
    "by 2030", "across São Tomé", "within two years", "at the border",
    "for persons with disability", "in coastal towns", "under the new treaty",
    "jointly with neighbours",
)  # fmt: skip
THEMES = (
    "Access to justice", "Data protection", "Education", "Environment", "Gender equality", "Health",
    "Housing", "Public finance", "Research", "Rural areas", "Trade", "Transport",
)  # fmt: skip
SENTENCES = (
    "The bodies concerned have not agreed on who is to begin.",
    "A first draft has been sent to all members and is being discussed.",
    "Costs are estimated at three million, of which half is granted.",
    "Parliament has taken the matter up in its spring session.",
    "An independent panel looked at the results and asks for more detail.",
    "Two of five regions have put the rules in force.",
    "The register is open to everybody and is kept up to date every month.",
    "Staff were trained, and a help desk answers questions.",
    "No progress was possible since the budget was frozen.",
    "The law was published and takes effect at the beginning of the year.",
)  # fmt: skip


def title(chosen: Random) -> str:
    return f"{chosen.choice(ASKS)} {chosen.choice(THINGS)} {chosen.choice(WHERE)}"


def prose(chosen: Random, sentences: int) -> str:
    return " ".join(chosen.choice(SENTENCES) for _sentence in range(sentences))
