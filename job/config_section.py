"""What every part of the config is."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A part of the config: unknown keys are errors, nothing changes after reading, errors show no values."""

    # Defaults are validated, too: equal configs have equal fingerprints, whether 1 or 1.0 is written or left out.
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, validate_default=True)
