"""The chaos suite: the whole service runs as in production, is hurt by a seeded plan, and is audited from outside."""
