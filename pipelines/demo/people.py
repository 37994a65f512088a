"""The demo municipality's people, with CPR numbers that belong to nobody.

**Fictitious CPR range.** The day of birth is raised by 60: 7 May 1980 is written
`670580-xxxx`. The CPR office itself recommends this form for replacement numbers
("erstatningspersonnumre") because it cannot be mistaken for a real one: "første
ciffer i fødselsdatoen forhøjes med 6" (https://www.cpr.dk/cpr-systemet/
erstatningspersonnummer-i-eksterne-systemer, found, certainty high). CPR never
issues a number with a day above 31, so no living or dead person has one of these.
The rest follows the real rules (domain catalogue `cpr:`, found): digit 7 gives the
century (0-3 for 1900-1999; 4-9 for 2000-2036), an odd last digit is a male. Modulus
11 is not kept, as it has not been a rule since 1 October 2007.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipelines.demo.plan import Booleans, Integers

Days = npt.NDArray[np.datetime64]

AREAS = ("children", "adults", "vulnerable")
AREA_SHARES = (0.36, 0.36, 0.28)
# Age in years at the end of the reporting year: lowest and highest.
AGES = {"children": (9, 21), "adults": (19, 82), "vulnerable": (19, 70)}
TARGET_GROUPS = {
    "children": ("Børn og unge med særlige behov", "Udsatte børn og unge", "Unge med psykisk sårbarhed"),
    "adults": ("Voksne med handicap", "Voksne med psykisk lidelse", "Voksne med erhvervet hjerneskade"),
    "vulnerable": ("Borgere i hjemløshed", "Borgere med misbrug", "Udsatte voksne"),
}
# fmt: off
FEMALE_NAMES = (
    "Anne", "Åse", "Birgit", "Bodil", "Camilla", "Ditte", "Ellen", "Emma", "Freja", "Gudrun", "Hanne",
    "Ida", "Inger", "Josefine", "Karen", "Kirsten", "Lærke", "Liv", "Maja", "Mette", "Nanna", "Nadia",
    "Pia", "Rikke", "Sara", "Signe", "Sofie", "Solvej", "Tove", "Zahra",
)
MALE_NAMES = (
    "Aksel", "Anders", "Bjørn", "Bo", "Carl", "Casper", "Erik", "Emil", "Frede", "Gorm", "Hans",
    "Høgne", "Ib", "Jens", "Jørgen", "Kaj", "Kasper", "Lars", "Magnus", "Mikkel", "Niels", "Oskar",
    "Ole", "Peter", "Rasmus", "Sejr", "Søren", "Tage", "Viggo", "Yusuf",
)
SURNAMES = (
    "Andersen", "Bæk", "Christensen", "Dahl", "Eskildsen", "Friis", "Grønbech", "Hansen", "Højgaard",
    "Iversen", "Jensen", "Jørgensen", "Kjær", "Kristensen", "Larsen", "Lindegård", "Madsen", "Møller",
    "Nielsen", "Nørgaard", "Olsen", "Østergaard", "Pedersen", "Petersen", "Rasmussen", "Skov",
    "Søndergård", "Thomsen", "Vestergård", "Winther", "Yilmaz", "Ågård",
)
STREETS = (
    "Egeskovvej", "Gothersgade", "Nørrebrogade", "Åhavevej", "Strandvejen", "Kærparken", "Korskærvej",
    "Sønderparken", "Bøgealle", "Prinsessegade", "Ringvejen", "Øster Voldgade", "Snoghøj Landevej",
)
# fmt: on


@dataclass(frozen=True)
class People:
    """One entry per person. `area` indexes AREAS; `cpr` is ten digits."""

    cpr: tuple[str, ...]
    first_name: tuple[str, ...]
    surname: tuple[str, ...]
    address: tuple[str, ...]
    birth_date: Days
    is_male: Booleans
    area: Integers
    target_group: tuple[str, ...]


def make_people(count: int, reporting_year: int, rng: np.random.Generator) -> People:
    """Draw `count` people with unique fictitious CPR numbers."""
    area = rng.choice(len(AREAS), count, p=AREA_SHARES)
    youngest, oldest = np.array([AGES[a] for a in AREAS])[area].T
    age_days = rng.uniform(youngest, oldest + 1) * 365.25
    birth_date = np.datetime64(f"{reporting_year}-12-31") - age_days.astype("timedelta64[D]")
    is_male = rng.random(count) < np.array([0.58, 0.52, 0.64])[area]
    pick = rng.integers(0, 2**31, (count, 5))
    return People(
        cpr=fictitious_cpr(birth_date, is_male, rng),
        first_name=tuple(
            (MALE_NAMES if male else FEMALE_NAMES)[p % len(MALE_NAMES)]
            for male, p in zip(is_male, pick[:, 0], strict=True)
        ),
        surname=tuple(SURNAMES[p % len(SURNAMES)] for p in pick[:, 1]),
        address=tuple(
            f"{STREETS[street % len(STREETS)]} {number % 140 + 1}, 7000 Fredericia"
            for street, number in pick[:, 2:4]
        ),
        birth_date=birth_date,
        is_male=is_male,
        area=area,
        target_group=tuple(TARGET_GROUPS[AREAS[a]][p % 3] for a, p in zip(area, pick[:, 4], strict=True)),
    )


def fictitious_cpr(birth_date: Days, is_male: Booleans, rng: np.random.Generator) -> tuple[str, ...]:
    """Return one unique replacement number (day + 60, ten digits) per birth date and sex.

    Digit 7 is 0-3 for births in 1900-1999 and 4-9 for 2000-2036; the last digit is odd for males.
    """
    taken: dict[str, None] = {}
    for date, male in zip(birth_date.tolist(), is_male.tolist(), strict=True):
        first, last = (0, 4000) if date.year < 2000 else (4000, 10000)
        while True:
            serial = int(rng.integers(first // 2, last // 2)) * 2 + male
            cpr = f"{date.day + 60:02d}{date:%m%y}{serial:04d}"
            if cpr not in taken:
                taken[cpr] = None
                break
    return tuple(taken)
