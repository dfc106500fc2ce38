"""mDNS: the wire format of DNS, and a question to the local network for its printers."""
