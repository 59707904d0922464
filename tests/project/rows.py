"""About 2,200 rows, the same in every load: {collection: [row, …]} in an order in which they can be written."""

import random

from .ids import uid

PEOPLE, TEAMS, ARTICLES, CATEGORIES, PRODUCTS, EVENTS, MEASUREMENTS = 40, 8, 120, 40, 120, 200, 400

_LINES = (
    "plain words", "ünïcödé — “quotes”", "emoji 🚢👩‍👩‍👧 and 中文", "line\nbreak", "crlf\r\nline", "tab\there",
    "separators \u2028 and \u2029", "back\\slash and \"double\" and 'single'", "عربى ‏rtl", "e\u0301 combining, \ufeff bom",
    "<script>alert('x')</script> &amp;", "${HOME}", "$${HOME}", "**********", "$administrator", "null", "  padded  ",
)
TAG_KEYS = (
    "art", "Art", "a/b", "50% off", "ü ñ", "it's", "say \"hi\"", "?x=1&y=2#z", ".", "..", "CON", "end.", "a,b", "007",
    "7", " lead", "trail ", "🚢", "a+b", "a%2Fb", "back\\slash", "null", "true", "{curly}", "semi;colon", "x" * 255,
)


def every_type():
    """Row 1 is all null; the others walk through the edges of each type."""
    edges = {
        "a_string": ["", " ", *_LINES, "x" * 255],
        "a_short": ["0123456789", "äöüßéèêñçø"],
        "a_text": ["", *_LINES, "long " * 4000, "\u0001\u001f\u007f\u0085", "\n", "trailing newline\n"],
        "a_boolean": [True, False],
        "an_integer": [0, -1, 2147483647, -2147483648],
        "a_big_integer": ["0", "9223372036854775807", "-9223372036854775808", "9007199254740993", "-1"],
        "a_float": [0, 0.1, -1.5, 3.4e38, 1.2e-38, 16777216, 1e-7, 123456.79, 1e21],
        "a_decimal": ["0", "12345678901234567890.1234567891", "-0.0000000001", "9999999999999999999999999999.9999999999"],
        "a_plain_decimal": ["0.1", "99999.99999", "-1"],
        "a_timestamp": ["2024-02-29T23:59:59.999Z", "1969-12-31T23:59:59.001Z", "9999-12-31T23:59:59.999Z",
                        "2024-03-31T01:30:00.000Z", "1900-01-01T00:00:00.000Z"],
        "a_date_time": ["2024-03-31T02:30:00", "1970-01-01T00:00:00", "2024-10-27T02:30:59"],
        "a_date": ["2024-02-29", "1000-01-01", "9999-12-31"],
        "a_time": ["23:59:59.999999", "00:00:00", "12:34:56.1"],
        "a_json": [
            {}, [], {"b": [1, 2.5, None, True, {"deep": {"er": [[]]}}], "a": "ü\u2028\"", "": "empty key", "10": 1, "9": 2},
            [0.1, 1e21, 1e-7, -0.5, 9007199254740991, 1.7976931348623157e308, 5e-324],
            # A scalar string is sent as JSON text; sent plainly, the server takes it for JSON and answers 500.
            "\"a scalar string\"", "\"with \\\"quotes\\\" and \\n\"", 42, True, "\"\"", "[\"text that is an array\"]",
            {"emoji 🚢": "👩‍👩‍👧", "keys with . and $": {"$ref": "#/x"}},
        ],
        "a_csv": [["alpha", "beta"], [], ["ü", "b c", "\"q\""], ["one"]],
        "a_uuid": [uid("some", 1), "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"],
    }
    rows = [{"id": 1, "with_default": None, "with_now": None, "with_number": None}]
    for index in range(max(len(values) for values in edges.values())):
        row = {"id": index + 2, "required_flag": index % 2 == 0, "with_now": "2020-05-05T05:05:05.500Z",
               "indexed": f"i{index % 3}", "select": ("from", "order", None)[index % 3]}
        row.update({name: values[index % len(values)] for name, values in edges.items()})
        rows.append(row)
    return rows


def _people_and_teams(rng):
    teams = [{"id": uid("teams", i), "name": f"Team {i}", "lead": uid("people", i * 5)} for i in range(TEAMS)]
    people = [
        {"id": uid("people", i), "name": f"Person {i} {rng.choice(_LINES)}", "team": uid("teams", i % TEAMS),
         "mentor": uid("people", (i + 1) % PEOPLE)}  # everybody mentors the next: one large circle
        for i in range(PEOPLE)
    ]
    return teams, people


def _articles(rng):
    return [
        {
            "id": uid("articles", i), "status": rng.choice(["published", "draft", "archived"]), "sort": ARTICLES - i,
            "title": f"Article {i}", "slug": f"{'open-' if i % 7 == 0 else ''}article-{i}",
            "body": "\n\n".join(rng.choices(_LINES, k=4)), "reading_time": rng.choice([None, 1, 5, 60]),
            "category": rng.randint(1, CATEGORIES), "author": uid("people", rng.randrange(PEOPLE)), "cover": None,
        }
        for i in range(ARTICLES)
    ]


def _around_articles(rng):
    texts = [{"id": uid("block_text", i), "text": rng.choice(_LINES) * (1 + i % 3)} for i in range(110)]
    quotes = [{"id": i + 1, "quote": rng.choice(_LINES), "by": f"Person {i}"} for i in range(70)]
    blocks = [
        {"id": i + 1, "articles_id": uid("articles", i % ARTICLES), "sort": i,
         "collection": "block_text" if i < 110 else "block_quote",
         "item": uid("block_text", i) if i < 110 else str(i - 109)}
        for i in range(180)
    ]
    tagged = [
        {"id": i + 1, "articles_id": uid("articles", i % ARTICLES), "tags_slug": TAG_KEYS[(i * 7) % len(TAG_KEYS)],
         "sort": i % 5}
        for i in range(300)
    ]
    translated = [
        {"id": 2 * i + n + 1, "articles_id": uid("articles", i), "languages_code": code, "title": f"{code} {i}",
         "body": rng.choice(_LINES)}
        for i in range(ARTICLES)
        for n, code in enumerate(("de-DE", "fr-FR"))
    ]
    return texts, quotes, blocks, tagged, translated


def _shop(rng):
    products = [
        {
            # Keys near 2^63 too: they travel as strings.
            "id": str(i + 1) if i else "9007199254740993", "sku": f"SKU-{i:04d}", "name": f"Product {i} {rng.choice(_LINES)}",
            "price": f"{rng.randint(0, 99999)}.{i % 100:02d}", "stock": rng.randint(0, 500),
            "attributes": [{"key": "colour", "value": rng.choice(["red", "grün"])}] if i % 3 else None,
            "labels": rng.sample(["new", "sale", "ü", "last"], k=i % 4), "checked": bool(i % 2),
        }
        for i in range(PRODUCTS)
    ]
    prices = [
        {"id": 2 * i + n + 1, "product": products[i]["id"], "currency": currency,
         "amount": f"{rng.randint(0, 10**12)}.{rng.randint(0, 10**10 - 1):010d}", "valid_from": f"20{10 + i % 15}-0{1 + i % 9}-15",
         "changed": f"2024-01-{1 + i % 28:02d}T10:00:00.{i % 1000:03d}Z"}
        for i in range(PRODUCTS)
        for n, currency in enumerate(("EUR", "USD"))
    ]
    return products, prices


def rows():
    """All rows. `teams.lead`, `people.mentor` and `categories.parent` point forward: the loader sets them afterwards."""
    rng = random.Random(20240229)
    teams, people = _people_and_teams(rng)
    articles = _articles(rng)
    texts, quotes, blocks, tagged, translated = _around_articles(rng)
    products, prices = _shop(rng)
    return {
        "languages": [
            {"code": code, "name": name, "direction": direction}
            for code, name, direction in (("en-US", "English", "ltr"), ("de-DE", "Deutsch", "ltr"),
                                          ("fr-FR", "Français", "ltr"), ("ar-SA", "العربية", "rtl"))
        ],
        "tags": [{"slug": key, "label": rng.choice(_LINES)} for key in TAG_KEYS],
        "categories": [
            {"id": i, "name": f"Category {i}", "parent": None if i % 10 == 0 else (i % CATEGORIES) + 1, "sort": i % 4}
            for i in range(1, CATEGORIES + 1)
        ],
        "teams": teams,
        "people": people,
        "articles": articles,
        "articles_translations": translated,
        "articles_tags": tagged,
        "block_text": texts,
        "block_quote": quotes,
        "articles_blocks": blocks,
        "site_settings": [{"id": 1, "title": "Harbour “Museum”", "footer": {"links": [["a", "/a"], ["ü", "/ü?x=1"]]},
                           "home": uid("articles", 3)}],
        "products": products,
        "prices": prices,
        "customers": [{"id": uid("customers", i), "email": f"c{i}@example.com", "name": f"Customer {i}"} for i in range(30)],
        "guarded": [{"id": i, "name": f"guarded {i}"} for i in range(1, 6)],
        "every_type": every_type(),
        "vault": [{"id": uid("vault", i), "name": f"v{i}", "pin": f"secret-pin-{i}", "api_key": f"secret-api-key-{i}"} for i in range(10)],
        "events": [
            {"id": str(i + 1), "kind": ("public", "private", "ü/..")[i % 3], "title": rng.choice(_LINES),
             "starts": f"2025-{1 + i % 12:02d}-{1 + i % 28:02d}T{i % 24:02d}:30:00.{i % 1000:03d}Z",
             "entered": f"2024-05-{1 + i % 28:02d}T08:00:00.00{i % 10}Z"}
            for i in range(EVENTS)
        ],
        "measurements": [
            {"id": i + 1, "station": f"Station {i % 4}", "at": f"2024-06-{1 + i % 30:02d}T{i % 24:02d}:00:00",
             "value": round(rng.uniform(-50, 50), 3)}
            for i in range(MEASUREMENTS)
        ],
        "MixedCase": [{"Id": i, "camelField": rng.choice(_LINES), "Größe": i * 7} for i in range(1, 13)],
        "größen": [{"schlüssel": f"größe {i}", "wert mit leerzeichen": rng.choice(_LINES), "select": i} for i in range(15)],
    }


def places():
    """For the variant with PostGIS."""
    square = [[0, 0], [0, 10.5], [10.123456789, 10.5], [0, 0]]
    return [
        {"id": 1, "name": "harbour", "spot": {"type": "Point", "coordinates": [10.0, 53.54]},
         "area": {"type": "Polygon", "coordinates": [square]},
         "anything": {"type": "LineString", "coordinates": [[0, 0], [-179.9999, 89.5]]}},
        {"id": 2, "name": "nowhere", "spot": None, "area": None, "anything": None},
    ]
