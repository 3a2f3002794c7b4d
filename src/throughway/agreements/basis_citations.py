"""Where each basis of disclosure stands in the law, and what it is called in plain English."""

from collections.abc import Mapping

from throughway.agreements.enums import Basis

CITATIONS: Mapping[Basis, str] = {
    Basis.CONSENT: "34 CFR 99.30",
    Basis.SCHOOL_OFFICIAL: "34 CFR 99.31(a)(1)",
    Basis.STUDY: "34 CFR 99.31(a)(6)",
    Basis.AUDIT_EVALUATION: "34 CFR 99.31(a)(3) and 99.35",
    Basis.DIRECTORY: "34 CFR 99.31(a)(11) and 99.37",
    Basis.CHILD_WELFARE: "20 U.S.C. 1232g(b)(1)(L)",
    Basis.EMERGENCY: "34 CFR 99.31(a)(10) and 99.36",
    Basis.TRANSFER: "34 CFR 99.31(a)(2) and 99.34",
    Basis.FINANCIAL_AID: "34 CFR 99.31(a)(4)",
    Basis.DEIDENTIFIED: "34 CFR 99.31(b)",
    Basis.PARTNER_RECORDS: "not education records: 34 CFR 99.3",
    Basis.OTHER_LAW: "34 CFR 99.31(a)(5), (7) or (9), or the law named",
}

IN_WORDS: Mapping[Basis, str] = {
    Basis.CONSENT: "the written consent of the parent or eligible student",
    Basis.SCHOOL_OFFICIAL: "the right of a school official with a legitimate educational interest",
    Basis.STUDY: "a study for or on behalf of the school",
    Basis.AUDIT_EVALUATION: "an audit or evaluation of an education program",
    Basis.DIRECTORY: "public notice of directory information",
    Basis.CHILD_WELFARE: "the care of a child-welfare agency or tribe that is responsible for the student",
    Basis.EMERGENCY: "a health or safety emergency",
    Basis.TRANSFER: "the student’s enrollment or transfer",
    Basis.FINANCIAL_AID: "financial aid that the student applied for or received",
    Basis.DEIDENTIFIED: "the removal of everything that identifies a student",
    Basis.PARTNER_RECORDS: "the partner’s own right over records that FERPA does not cover",
    Basis.OTHER_LAW: "another law",
}
