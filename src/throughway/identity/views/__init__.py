"""The screens of persons: how records became persons, clerical review, and the accuracy of linkage."""
