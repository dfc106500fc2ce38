"""People and partners: users, addresses, consents, and the plan that binds a person to a printer."""
