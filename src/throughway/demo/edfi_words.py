"""Ed-Fi's words: descriptors, references, and what the first district calls its grades and races."""

DISTRICT = 255100
NAMESPACE = "uri://riverbend.example/assessment"
GRADES = ("Kindergarten", "First grade", "Second grade", "Third grade", "Fourth grade", "Fifth grade", "Sixth grade",
          "Seventh grade", "Eighth grade", "Ninth grade", "Tenth grade", "Eleventh grade", "Twelfth grade")  # fmt: skip
RACES = {
    "White": "White",
    "BlackorAfricanAmerican": "Black or African American",
    "Asian": "Asian",
    "AmericanIndianorAlaskaNative": "American Indian or Alaska Native",
}
LANGUAGES = {"eng": "English", "spa": "Spanish"}
LEARNER = "<StudentReference><StudentIdentity><StudentUniqueId>"
LEARNER_ENDS = "</StudentUniqueId></StudentIdentity></StudentReference>"
PLACE = "<SchoolReference><SchoolIdentity><SchoolId>"
PLACE_ENDS = "</SchoolId></SchoolIdentity></SchoolReference>"
BODY = "<EducationOrganizationReference><EducationOrganizationIdentity><EducationOrganizationId>"
BODY_ENDS = "</EducationOrganizationId></EducationOrganizationIdentity></EducationOrganizationReference>"


def word(descriptor: str, value: str) -> str:
    return f"uri://ed-fi.org/{descriptor}Descriptor#{value}"


def grade(n: int) -> str:
    return word("GradeLevel", GRADES[n])


def term(year: int) -> str:
    return f"{year - 1}-{year}"


def place(id: object) -> str:
    return f"{PLACE}{id}{PLACE_ENDS}"


def organization(id: object) -> str:
    return f"{BODY}{id}{BODY_ENDS}"
