"""schema/plan.schema.json is a schema, and the plans beneath tests/golden/plan are what it describes.

Usage: plan_schema.py ROOT. Exits with 77 without the module jsonschema (Debian: python3-jsonschema).
"""

import json
import pathlib
import sys

try:
    import jsonschema
except ImportError:
    print("skipped: there is no module jsonschema (Debian: python3-jsonschema)")
    sys.exit(77)


def main(root):
    schema = json.loads((root / "schema/plan.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft7Validator.check_schema(schema)
    plan = jsonschema.Draft7Validator({"$ref": "#/definitions/plan", "definitions": schema["definitions"]})
    files = sorted((root / "tests/golden/plan").glob("*.json"))
    faults = [f"{path.name}: {fault.json_path}: {fault.message}" for path in files
              for fault in plan.iter_errors(json.loads(path.read_text(encoding="utf-8")))]
    # the check itself must see a plan that is none
    if not files or not list(plan.iter_errors({"changes": [{"action": "destroy"}]})):
        faults.append("nothing was checked")
    print("\n".join(faults) or f"{len(files)} plans are valid")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
