"""`make fuzz-api`: the OpenAPI document against the production server, tried by every kind of caller.

Schemathesis makes the requests: from the document's examples, at the limits of each field, by chance, and one after
another along the document's links. Ends with 1 when an answer was an error of the server, not as documented, or for
somebody else. FUZZ_API_EXAMPLES (for each operation) and FUZZ_API_SEED say how many, and which.
"""

import os
import sys
import tempfile

from bench import scratch

EXAMPLES = int(os.environ.get("FUZZ_API_EXAMPLES", "150"))
SEED = int(os.environ.get("FUZZ_API_SEED", "1"))
# The limits would answer for what is behind them.
SERVER = {"TELEMETRY_REPORTS_PER_MINUTE": "1000000", "PAIRING_REQUESTS_PER_MINUTE": "1000000"}

if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="ars-static-") as static:
        os.environ.update(SERVER, STATIC_ROOT=static)
        sys.exit(scratch.measure("tests.openapi.running.run", EXAMPLES, SEED))
