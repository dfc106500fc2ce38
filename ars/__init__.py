"""The root of the project: settings, pages over several apps, and what runs the whole on one machine."""
