"""The nouns: the licence, its classes, statuses and identifiers, and facts in two times."""
