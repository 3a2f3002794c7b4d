"""HSDS, the Human Services Data Specification of Open Referral (3.0, and capacities of the 3.1 draft): reading and writing."""
