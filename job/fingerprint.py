"""What stands for values: equal ones have equal fingerprints."""

import hashlib
import json
from typing import Any


def fingerprint(values: Any) -> str:
    """Return the SHA-256 of the values as JSON, in hex."""
    return hashlib.sha256(json.dumps(values, sort_keys=True, default=str).encode()).hexdigest()
