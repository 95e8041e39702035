"""The JSON Schema of the config, for editors: `python -m job.setup.schema` writes it to config/schema.json.

It is made of the models in `job.config`, and describes the YAML before variables and secret files are filled in.
It is looser than the job, and stricter in oddities alone, such as `true` for 1: it cannot know that names must differ.
"""

import json
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from job.config import VARIABLE, Config, Notify
from job.config_section import Section
from job.resources import shipped

FILE = shipped("configs/schema.json")
DRAFT = "http://json-schema.org/draft-07/schema#"  # the newest that all editors know
NUMERAL = rf"^[-+0-9._eE ]+$|{VARIABLE.pattern}"  # in quotes, or what YAML takes for text, such as 1e5


def make() -> dict[str, Any]:
    """Return the schema."""
    schema = Config.model_json_schema(schema_generator=_OfYaml)
    for name, section in schema["properties"].items():
        if "$ref" in section and name not in schema["required"]:  # an empty section counts as left out
            schema["properties"][name] = {"anyOf": [section, {"type": "null"}]}
    return {"$schema": DRAFT, **schema}


def describe(model: type[BaseModel], key: str) -> str:
    """Return what the key of the section means; `KEY_file`, too."""
    field = model.model_fields.get(key)
    return field.description or "" if field else f"A file that holds `{key.removesuffix('_file')}`. Empty: not given."


class _OfYaml(GenerateJsonSchema):
    """What YAML may hold: for every scalar a text with variables, and for keys that may be secret KEY_file."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False  # the key says it

    def int_schema(self, schema: core_schema.IntSchema) -> JsonSchemaValue:
        return _or_text(super().int_schema(schema), NUMERAL)

    def float_schema(self, schema: core_schema.FloatSchema) -> JsonSchemaValue:
        return _or_text(super().float_schema(schema), NUMERAL)

    def bool_schema(self, schema: core_schema.BoolSchema) -> JsonSchemaValue:
        return _or_text(super().bool_schema(schema), VARIABLE.pattern)

    def literal_schema(self, schema: core_schema.LiteralSchema) -> JsonSchemaValue:
        return _or_text(super().literal_schema(schema), VARIABLE.pattern)

    def str_schema(self, schema: core_schema.StringSchema) -> JsonSchemaValue:
        json_schema = super().str_schema(schema)
        return json_schema if json_schema == {"type": "string"} else _or_text(json_schema, VARIABLE.pattern)

    def tuple_schema(self, schema: core_schema.TupleSchema) -> JsonSchemaValue:
        json_schema = super().tuple_schema(schema)
        if "prefixItems" in json_schema:  # unknown to draft 7; those of the config are all of one kind
            json_schema["items"] = json_schema.pop("prefixItems")[0]
        return json_schema

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        if isinstance(schema.get("default"), Section):  # its keys have defaults of their own
            return self.generate_inner(schema["schema"])
        return super().default_schema(schema)

    def tagged_union_schema(self, schema: core_schema.TaggedUnionSchema) -> JsonSchemaValue:
        """Not oneOf: a dialect that a variable names may be any."""
        return {"anyOf": super().tagged_union_schema(schema)["oneOf"]}

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        json_schema, model = super().model_schema(schema), schema["cls"]
        if "dialect" in model.model_fields or model is Notify:
            properties = json_schema["properties"]
            keys = [key for key in properties if key not in ("dialect", "options")]
            for key in (f"{key}_file" for key in keys):
                properties[key] = {"description": describe(model, key), "type": ["string", "null"]}
        return json_schema


def _or_text(schema: JsonSchemaValue, pattern: str) -> JsonSchemaValue:
    return {"anyOf": [schema, {"type": "string", "pattern": pattern}]}


if __name__ == "__main__":
    FILE.write_text(json.dumps(make(), indent=2) + "\n", encoding="utf-8")
