"""The legal review of an agreement. Where the parts of a rule are:

- its citation, the words of the law, what cures a finding and what no check can see: a YAML file in `rules/`, by law;

- the check that reads the document: a function in the module for its subject (`authority`, `schedule`, `redisclosure`, …), listed in
`review.CHECKS`;

- a rule of a State, or of one community: a YAML file, in `state_rules/` or in the community's folder (see `rule_pack` for its format).
"""
