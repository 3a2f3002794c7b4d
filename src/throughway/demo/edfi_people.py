"""Ed-Fi: students, what the district knows about each, and special education."""

from collections.abc import Iterator

import numpy as np

from throughway.demo.columns import Column, days, named, place, rows, slices, texts, where
from throughway.demo.edfi_words import (
    DISTRICT,
    LANGUAGES,
    LEARNER,
    LEARNER_ENDS,
    RACES,
    organization,
    word,
)
from throughway.demo.elements import escaped, filled
from throughway.demo.roster import Roster
from throughway.demo.town import Town


def students(town: Town, roster: Roster) -> Iterator[Column]:
    people, written, who = town.people, roster.written, roster.student
    twins = where(people.twin[who], rows("<MultipleBirthStatus>true</MultipleBirthStatus>", texts(np.full(len(who), ""))))  # fmt: skip
    yield rows(
        "<Student><StudentUniqueId>",
        texts(roster.key),
        "</StudentUniqueId><Name><FirstName>",
        escaped(written.first),
        "</FirstName>",
        filled("<MiddleName>", texts(people.middle[who]), "</MiddleName>"),
        "<LastSurname>",
        escaped(written.last),
        "</LastSurname></Name><BirthData><BirthDate>",
        texts(written.birthdate),
        "</BirthDate>",
        twins,
        "</BirthData></Student>",
    )


def about(town: Town, roster: Roster) -> Iterator[Column]:
    """Sex, address, race, language and statuses, in one record for each student."""
    people = town.people
    for part in slices(len(roster.key)):
        who = roster.student[part]
        street, zip_code = texts(roster.written.street[part]), texts(roster.written.zip_code[part])
        home = filled(
            "<Address><StreetNumberName>",
            rows(street, "</StreetNumberName><City>Riverbend</City><StateAbbreviation>", word("StateAbbreviation", "NY"), "</StateAbbreviation><PostalCode>", zip_code),
            f"</PostalCode><AddressType>{word('AddressType', 'Home')}</AddressType></Address>",
        )  # fmt: skip
        yield rows(
            f"<StudentEducationOrganizationAssociation>{LEARNER}",
            texts(roster.key[part]),
            f"{LEARNER_ENDS}{organization(DISTRICT)}<Sex>{word('Sex', '')}",
            named(("Female", "Male"), (people.sex[who] == "M").astype(int)),
            "</Sex>",
            where(roster.written.street[part] != "", home),
            filled(
                "<Telephone><TelephoneNumber>",
                texts(roster.written.phone[part]),
                f"</TelephoneNumber><TelephoneNumberType>{word('TelephoneNumberType', 'Home')}</TelephoneNumberType></Telephone>",
            ),
            "<HispanicLatinoEthnicity>",
            named(("false", "true"), people.hispanic[who].astype(int)),
            f"</HispanicLatinoEthnicity><Race>{word('Race', '')}",
            named(RACES.values(), place(people.race[who], list(RACES))),
            "</Race>",
            *_characteristics(town, who),
            f"<LimitedEnglishProficiency>{word('LimitedEnglishProficiency', '')}",
            named(("NotLimited", "Limited Monitored 1", "Limited"), _english(town, who)),
            f"</LimitedEnglishProficiency><Language><Language>{word('Language', '')}",
            named(LANGUAGES, place(people.language[who], list(LANGUAGES))),
            f"</Language><LanguageUse>{word('LanguageUse', 'Home language')}</LanguageUse></Language>",
            "</StudentEducationOrganizationAssociation>",
        )


def _english(town: Town, who: np.ndarray) -> np.ndarray:
    """0 never limited, 1 found fluent, 2 still limited."""
    people = town.people
    fluent = people.fluent_on[who] <= town.known
    return np.where(people.english_learner[who], np.where(fluent, 1, 2), 0)


def _characteristics(town: Town, who: np.ndarray) -> list[Column]:
    people, known = town.people, town.known
    empty = texts(np.full(len(who), ""))

    def status(name: str, period: Column) -> Column:
        return rows(
            f"<StudentCharacteristic><StudentCharacteristic>{word('StudentCharacteristic', name)}</StudentCharacteristic>",
            period,
            "</StudentCharacteristic>",
        )

    found = [where(people.low_income[who], status("Economic Disadvantaged", empty))]
    for name, first, last in (
        ("Foster Care", people.foster_from[who], people.foster_to[who]),
        ("Homeless", people.homeless_from[who], people.homeless_to[who]),
    ):
        over = np.where(last <= known, last, np.datetime64("NaT"))
        period = rows("<Period><BeginDate>", days(first), "</BeginDate>", filled("<EndDate>", days(over), "</EndDate>"), "</Period>")  # fmt: skip
        found.append(where(first <= known, status(name, period)))
    return found


def programs(town: Town, roster: Roster) -> Iterator[Column]:
    """Special education, since the first autumn in the district's records."""
    people = town.people
    here = np.flatnonzero(people.disability[roster.student] != "")
    who = roster.student[here]
    ours = town.spells.district == 0
    began = np.full(people.size, np.datetime64("2200-01-01", "D"))
    np.minimum.at(began, town.spells.student[ours], town.spells.start[ours])
    yield rows(
        f"<StudentSpecialEducationProgramAssociation>{LEARNER}",
        texts(roster.key[here]),
        f"{LEARNER_ENDS}<ProgramReference><ProgramIdentity>{organization(DISTRICT)}<ProgramName>Special Education"
        f"</ProgramName><ProgramType>{word('ProgramType', 'Special Education')}</ProgramType></ProgramIdentity>"
        "</ProgramReference><BeginDate>",
        days(began[who] + 14),
        f"</BeginDate>{organization(DISTRICT)}<IdeaEligibility>true</IdeaEligibility><IEPBeginDate>",
        days(began[who] + 14),
        f"</IEPBeginDate><Disability><Disability>{word('Disability', '')}",
        texts(people.disability[who]),
        "</Disability></Disability></StudentSpecialEducationProgramAssociation>",
    )
