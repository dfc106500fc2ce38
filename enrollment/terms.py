"""Which text of the terms and of the privacy notice is in force; a consent keeps the version it was given to."""

VERSION = "2026-11-28"  # a day; a changed text is a new version (tests/ars/site/test_texts.py holds on to it)
