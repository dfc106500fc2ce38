"""The test suite: one folder an app, and one each for journeys, races and the browser."""
