"""Ids that are the same in every load: uuid5 of a name."""

import uuid

_SPACE = uuid.UUID("6f0c9a52-2f0e-5c1b-9d57-0b8d3c6a4e11")
PUBLIC_POLICY = "abf8a154-5b1c-4a46-ac9c-7300570f4f17"


def uid(kind, name):
    return str(uuid.uuid5(_SPACE, f"{kind}/{name}"))
