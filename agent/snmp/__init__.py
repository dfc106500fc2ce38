"""SNMP: the wire format, one bounded walk over UDP, and what the Printer MIB says of supplies."""
