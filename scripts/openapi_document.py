"""An OpenAPI document: its references, its schemas, and the operations in it."""

import yaml
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

METHODS = ("get", "post", "put", "patch", "delete")


@Draft202012Validator.FORMAT_CHECKER.checks("int32")
def is_int32(value):
    return not isinstance(value, int) or -(2**31) <= value < 2**31


@Draft202012Validator.FORMAT_CHECKER.checks("int64")
def is_int64(value):
    return not isinstance(value, int) or -(2**63) <= value < 2**63


class Document:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.root = yaml.safe_load(file)
        resource = Resource(contents=self.root, specification=DRAFT202012)
        self.registry = Registry().with_resource("urn:openapi", resource)

    def resolve(self, node):
        """Follows references until there is something."""
        while isinstance(node, dict) and "$ref" in node:
            pointer = node["$ref"].removeprefix("#/").split("/")
            node = self.root
            for part in pointer:
                node = node[part.replace("~1", "/").replace("~0", "~")]
        return node

    def operations(self):
        for path, item in self.root["paths"].items():
            for method in METHODS:
                if method in item:
                    yield path, method, item[method], item.get("parameters", [])

    def responses(self):
        """Every response there is, each once: (where, response)."""
        for _, _, operation, _ in self.operations():
            for status, response in operation["responses"].items():
                if "$ref" not in response:
                    yield f"{operation['operationId']} {status}", response
        for name, response in self.root["components"]["responses"].items():
            yield name, response

    def faults(self, schema, value, where):
        """Why the value is not what the schema says."""
        rooted = self.rooted(schema)
        validator = Draft202012Validator(
            rooted, registry=self.registry, format_checker=Draft202012Validator.FORMAT_CHECKER)
        for error in validator.iter_errors(value):
            place = "/".join(str(part) for part in error.absolute_path)
            yield f"{where}: {place or 'the whole'}: {error.message}"

    def rooted(self, node):
        """The schema with its references made absolute, so that it can stand alone."""
        if isinstance(node, dict):
            return {
                key: "urn:openapi" + value if key == "$ref" and isinstance(value, str) else self.rooted(value)
                for key, value in node.items()
            }
        return [self.rooted(element) for element in node] if isinstance(node, list) else node

    def properties(self, schema):
        """The properties an object of this schema has, in order."""
        found = dict(self.properties(self.resolve(schema))) if "$ref" in schema else {}
        for key in ("allOf", "oneOf", "anyOf"):
            for part in schema.get(key, []):
                for name, inner in self.properties(part).items():
                    found.setdefault(name, inner)
        found.update({name: found.get(name, inner) for name, inner in schema.get("properties", {}).items()})
        return found

    def misplaced(self, schema, value, where):
        """Objects whose keys are not in the order of the schema."""
        if isinstance(value, dict):
            known = next(
                (of for part in self.resolve(schema).get("oneOf", [])
                 if set(value) <= set(of := self.properties(part))), None) or self.properties(schema)
            places = [list(known).index(key) for key in value if key in known]
            if places != sorted(places):
                yield f"{where}: keys out of order: {', '.join(value)}"
            for key, inner in value.items():
                if key in known:
                    yield from self.misplaced(known[key], inner, f"{where}/{key}")
        elif isinstance(value, list):
            for element in value:
                yield from self.misplaced(self.resolve(schema).get("items", {}), element, f"{where}[]")

    def codes(self, response):
        """The error codes a response can have."""
        content = response.get("content", {}).get("application/json", {})
        for part in content.get("schema", {}).get("allOf", []):
            code = part.get("properties", {}).get("code", {})
            if "const" in code:
                return [code["const"]]
            if "enum" in code:
                return code["enum"]
        return []
