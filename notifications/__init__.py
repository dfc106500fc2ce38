"""What people are told: reads the facts of every app, and nobody waits for it."""
