"""IPP: the wire format, one bounded question over HTTP, and what the answer says of supplies."""
