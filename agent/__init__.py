"""The helper beside the printer: finds it, pairs it, reads its supplies and reports them. Python 3.9, no packages."""

VERSION = "1.0"
