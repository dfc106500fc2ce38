"""A module for each command, loaded when it is the one: a program that starts often should start soon."""
