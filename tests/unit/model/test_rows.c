#include "model/rows.h"

#include <stdlib.h>

#include "model/canon.h"
#include "unit/model/snapshots.h"

/* name, type and the rest of the record, single quotes for double ones */
#define FIELD(collection, name, type, special, schema)                                                       \
    "{'collection':'" collection "','field':'" name "','type':'" type "','meta':{'special':" special         \
    "},'schema':" schema "}"
#define KEY(collection)                                                                                      \
    FIELD(collection, "id", "integer", "null",                                                               \
          "{'is_primary_key':true,'has_auto_increment':true,'is_nullable':false}")
#define LINK(collection, field, target)                                                                      \
    "{'collection':'" collection "','field':'" field "','related_collection':'" target "','meta':{}}"

static const char *const none[] = { NULL };

static DataRule rule_of(const char *collection) {
    return (DataRule){ .collection = collection, .key = none, .exclude = none, .group_by = none };
}

typedef struct {
    Snapshot snapshot;
    Arena arena;
    RowShape *shapes;
    size_t count;
} Shapes;

static void make_shapes(Shapes *shapes, const char *schema, const DataRule *rules, size_t count) {
    Error err = { 0 };
    Scope scope = { .data = rules, .data_count = count };
    *shapes = (Shapes){ 0 };
    snapshot_of(&shapes->snapshot, true, schema);
    assert_ok(row_shapes(&shapes->snapshot, &scope, &shapes->arena, &shapes->shapes, &shapes->count, &err));
    assert_int_equal(shapes->count, count);
}

static void shapes_free(Shapes *shapes) {
    snapshot_free(&shapes->snapshot);
    arena_free(&shapes->arena);
}
AUTO_DEFINE(Shapes, shapes_free);

static const RowShape *shape_of(const Shapes *shapes, const char *collection) {
    for (size_t i = 0; i < shapes->count; i++)
        if (strcmp(shapes->shapes[i].collection, collection) == 0)
            return &shapes->shapes[i];
    fail_msg("no shape for %s", collection);
    return NULL;
}

static Json row_of(Arena *arena, const char *text) {
    Error err = { 0 };
    AUTO(Buf) json = { 0 };
    Json value;
    for (const char *c = text; *c; c++)
        buf_putc(&json, *c == '\'' ? '"' : *c);
    assert_ok(json_parse(arena, json.data, json.length, JSON_STATE, &value, &err));
    return value;
}

static const char *text_of(Arena *arena, const Json *value) {
    AUTO(Buf) text = { 0 };
    canon_compact(&text, value);
    for (size_t i = 0; i < text.length; i++)
        if (text.data[i] == '"')
            text.data[i] = '\'';
    return arena_strdup(arena, buf_text(&text));
}

static const char *const blog =
    "{'collections':[{'collection':'posts','meta':{'singleton':false},'schema':{'name':'posts'}},"
    "{'collection':'folder','meta':{}},{'collection':'about','meta':{'singleton':true},'schema':{}},"
    "{'collection':'keyless','meta':{},'schema':{}}],"
    "'fields':[" KEY("posts") "," FIELD(
        "posts", "title", "string", "null",
        "{'is_nullable':false}") "," FIELD("posts", "secret", "string", "['conceal']",
                                           "{}") "," FIELD("posts", "hash", "hash",
                                                           "['hash']", "{}") "," FIELD("posts", "lock",
                                                                                       "string",
                                                                                       "['encrypt']",
                                                                                       "{}") "," FIELD("post"
                                                                                                       "s",
                                                                                                       "tags", "alias", "['m2m']", "null") "," FIELD("posts", "maker", "uuid", "['user-created']", "{}") "," FIELD("posts", "editor", "uuid", "['user-updated']", "{}") "," FIELD("posts", "made", "timestamp", "['cast-timestamp','date-created']", "{}") "," FIELD("posts",
                                                                                                                                                                                                                                                                                                                                                                     "edited",
                                                                                                                                                                                                                                                                                                                                                                     "timestamp",
                                                                                                                                                                                                                                                                                                                                                                     "['date-updated']", "{}") "," FIELD("posts", "raw", "unknown", "null", "{}") "," FIELD("posts", "bytes", "binary", "null", "{}") "," FIELD("posts",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                "sum",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                "integer",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                "null",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                "{'is_generated':true}") "," FIELD("posts", "options", "json", "['cast-json']", "{}") "," FIELD("posts",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                "place",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                "geometry.Point",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                "null", "{}") "," FIELD("posts",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                        "author", "uuid", "['m2o']", "{}") "," FIELD("posts",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                     "image",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                     "uuid", "['file']", "{}") "," FIELD("posts",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                         "price",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                         "decimal", "null", "{}") "," FIELD("posts",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                            "views",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                            "bigInteger", "null", "{}") "," FIELD("posts",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                  "item",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                  "string",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                  "null",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                  "{}") "," FIELD("posts",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                  "collection",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                  "string", "null", "{}") "," FIELD("about",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                    "id",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                    "uuid",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                    "['uuid']",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                    "{'is_primary_key':true,'is_nullable':false}") "," FIELD("keyless", "a", "string", "null",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                             "{}") "],'relations':[" LINK("posts",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                          "author", "directus_users") "," LINK("posts", "image", "directus_files") ","
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                   "{'collection':'posts','field':'item','related_collection':null,"
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                   "'meta':{'one_collection_field':'collection','one_allowed_collections':['about']}}]}";

static void only_what_travels_is_carried(void **state) {
    (void)state;
    static const struct {
        const char *name;
        RowFieldKind kind;
        bool numeric, nullable;
    } wanted[] = {
        { "author", FIELD_REFERENCE, false, true }, { "collection", FIELD_PLAIN, false, true },
        { "id", FIELD_PLAIN, true, false },         { "image", FIELD_REFERENCE, false, true },
        { "item", FIELD_ANY_ITEM, false, true },    { "made", FIELD_DATE_CREATED, false, true },
        { "options", FIELD_JSON, false, true },     { "place", FIELD_GEOMETRY, false, true },
        { "price", FIELD_PLAIN, true, true },       { "title", FIELD_PLAIN, false, false },
    };
    static const char *const exclude[] = { "views", NULL };
    DataRule rule = rule_of("posts");
    rule.exclude = exclude;
    AUTO(Shapes) shapes;
    make_shapes(&shapes, blog, &rule, 1);
    const RowShape *shape = &shapes.shapes[0];
    assert_int_equal(shape->field_count, sizeof wanted / sizeof *wanted);
    for (size_t i = 0; i < shape->field_count; i++) {
        assert_string_equal(shape->fields[i].name, wanted[i].name);
        assert_int_equal(shape->fields[i].kind, wanted[i].kind);
        assert_int_equal(shape->fields[i].numeric, wanted[i].numeric);
        assert_int_equal(shape->fields[i].nullable, wanted[i].nullable);
        assert_ptr_equal(row_field(shape, wanted[i].name), &shape->fields[i]);
    }
    assert_null(row_field(shape, "views"));
    assert_string_equal(row_field(shape, "author")->target, "directus_users");
    assert_string_equal(row_field(shape, "item")->one_of_field, "collection");
    assert_string_equal(shape->primary_key, "id");
    assert_true(shape->key_is_number && shape->auto_increment && !shape->singleton && !shape->natural);
    assert_string_equal(shape->key[0], "id");
    assert_null(shape->key[1]);
}

static void keys_of_a_rule_are_natural(void **state) {
    (void)state;
    static const char *const title[] = { "title", NULL }, *const id[] = { "id", NULL };
    DataRule rules[] = { rule_of("about"), rule_of("posts") };
    rules[0].key = id;
    rules[1].key = title;
    AUTO(Shapes) shapes;
    make_shapes(&shapes, blog, rules, 2);
    assert_true(shape_of(&shapes, "posts")->natural);
    assert_string_equal(shape_of(&shapes, "posts")->key[0], "title");
    assert_false(shape_of(&shapes, "about")->natural);
    assert_true(shape_of(&shapes, "about")->singleton);
    assert_false(shape_of(&shapes, "about")->key_is_number);
    assert_true(shape_of(&shapes, "about")->rank < shape_of(&shapes, "posts")->rank);
}

static void faults_name_the_place(void **state) {
    (void)state;
    static const char *const id[] = { "id", NULL }, *const nothing[] = { "nothing", NULL },
                             *const secret[] = { "secret", NULL };
    const struct {
        DataRule rule;
        const char *message;
    } cases[] = {
        { rule_of("ghost"), "there is no collection ghost" },
        { rule_of("folder"), "collection folder is a folder and has no rows" },
        { rule_of("keyless"), "collection keyless has no primary key" },
        { { "posts", nothing, none, none, NULL, MODE_MERGE, NULL },
          "collection posts has no field \"nothing\", which its key names" },
        { { "posts", none, nothing, none, NULL, MODE_MERGE, NULL },
          "no field \"nothing\", which its exclude names" },
        { { "posts", none, none, nothing, NULL, MODE_MERGE, NULL },
          "no field \"nothing\", which its groupBy names" },
        { { "posts", none, id, none, NULL, MODE_MERGE, NULL },
          "field posts.id is the primary key and cannot be excluded" },
        { { "posts", secret, none, none, NULL, MODE_MERGE, NULL },
          "field posts.secret is not carried and cannot be part of \"key\"" },
    };
    AUTO(Snapshot) snapshot = { 0 };
    snapshot_of(&snapshot, true, blog);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO(Arena) arena = { 0 };
        Error err = { 0 };
        RowShape *shapes;
        size_t count;
        Scope scope = { .data = &cases[i].rule, .data_count = 1 };
        ErrorKind kind = strstr(cases[i].message, "keyless") ? ERR_FILES : ERR_CONFIG;
        assert_fault(row_shapes(&snapshot, &scope, &arena, &shapes, &count, &err), kind, cases[i].message);
        assert_true(err.hint[0] != '\0');
    }
}

/* Rules may be newer than a state: what it lacks they do not ask for. */
static void the_past_lacks_what_rules_name(void **state) {
    (void)state;
    static const char *const nothing[] = { "nothing", NULL }, *const some[] = { "secret", "nothing", NULL };
    AUTO(Snapshot) snapshot = { 0 };
    AUTO(Arena) arena = { 0 };
    Error err = { 0 };
    RowShape *shapes;
    size_t count;
    DataRule rules[] = { rule_of("ghost"), { "posts", nothing, some, nothing, NULL, MODE_MERGE, NULL } };
    Scope scope = { .data = rules, .data_count = 2, .past = true };
    snapshot_of(&snapshot, true, blog);
    assert_ok(row_shapes(&snapshot, &scope, &arena, &shapes, &count, &err));
    assert_int_equal(count, 1);
    assert_string_equal(shapes[0].collection, "posts");
    assert_false(shapes[0].natural);
    assert_null(row_field(&shapes[0], "secret"));
    assert_null(shapes[0].rule->group_by[0]);
    scope.past = false;
    assert_fault(row_shapes(&snapshot, &scope, &arena, &shapes, &count, &err), ERR_CONFIG, "ghost");
    rules[0] = rule_of("postz");
    assert_fault(row_shapes(&snapshot, &scope, &arena, &shapes, &count, &err), ERR_CONFIG, "postz");
    assert_non_null(strstr(err.hint, "did you mean \"posts\"?"));
}

#define TABLE(name) "{'collection':'" name "','meta':{},'schema':{}}"

static void parents_come_first_and_cycles_are_deferred(void **state) {
    (void)state;
    /* a → b ⇄ c, c → d (not null), d → d, d → outside */
    DataRule rules[] = { rule_of("a"), rule_of("b"), rule_of("c"), rule_of("d") };
    AUTO(Shapes) shapes;
    /* clang-format off */
    make_shapes(&shapes,
        "{'collections':[" TABLE("a") "," TABLE("b") "," TABLE("c") "," TABLE("d") "],"
        "'fields':[" KEY("a") "," KEY("b") "," KEY("c") "," KEY("d") ","
            FIELD("a", "b", "integer", "null", "{}") ","
            FIELD("b", "c", "integer", "null", "{}") ","
            FIELD("c", "b", "integer", "null", "{'is_nullable':false}") ","
            FIELD("c", "d", "integer", "null", "{'is_nullable':false}") ","
            FIELD("d", "d", "integer", "null", "{}") ","
            FIELD("d", "x", "integer", "null", "{}") "],"
        "'relations':[" LINK("a", "b", "b") "," LINK("b", "c", "c") "," LINK("c", "b", "b") ","
            LINK("c", "d", "d") "," LINK("d", "d", "d") "," LINK("d", "x", "x") "]}",
        rules, 4);
    /* clang-format on */
    const RowShape *a = shape_of(&shapes, "a"), *b = shape_of(&shapes, "b"), *c = shape_of(&shapes, "c"),
                   *d = shape_of(&shapes, "d");
    assert_false(row_field(a, "b")->deferred);
    assert_true(row_field(b, "c")->deferred);
    assert_false(row_field(c, "b")->deferred); /* cannot be null: the other half of the cycle waits */
    assert_false(row_field(c, "d")->deferred);
    assert_true(row_field(d, "d")->deferred);
    assert_false(row_field(d, "x")->deferred);
    assert_true(b->rank < a->rank && b->rank < c->rank && d->rank < c->rank);
    for (size_t i = 1; i < shapes.count; i++)
        assert_true(shapes.shapes[i - 1].rank <= shapes.shapes[i].rank);
}

static void cycles_without_a_way_out_still_get_ranks(void **state) {
    (void)state;
    DataRule rules[] = { rule_of("a"), rule_of("b") };
    AUTO(Shapes) shapes;
    make_shapes(
        &shapes,
        "{'collections':[" TABLE("a") "," TABLE("b") "],'fields':[" KEY("a") "," KEY("b") "," FIELD(
            "a", "b", "integer", "null",
            "{'is_nullable':false}") "," FIELD("b", "a", "integer", "null",
                                               "{'is_nullable':false}") "],'relations':[" LINK("a", "b",
                                                                                               "b") "," LINK("b",
                                                                                                             "a",
                                                                                                             "a") "]}",
        rules, 2);
    assert_string_equal(shapes.shapes[0].collection, "b");
    assert_false(row_field(&shapes.shapes[0], "a")->deferred);
}

static void rows_keep_only_carried_fields(void **state) {
    (void)state;
    DataRule rule = rule_of("posts");
    AUTO(Shapes) shapes;
    AUTO(Arena) arena = { 0 };
    make_shapes(&shapes, blog, &rule, 1);
    Json row = row_of(&arena, "{'aa':1,'author':'u1','id':5,'image':'f','secret':'***','title':'T','zz':[]}");
    Json carried = row_carried(&arena, &shapes.shapes[0], &row);
    assert_string_equal(text_of(&arena, &carried), "{'author':null,'id':5,'image':'f','title':'T'}");
    Json empty = row_of(&arena, "{}");
    carried = row_carried(&arena, &shapes.shapes[0], &empty);
    assert_string_equal(text_of(&arena, &carried), "{}");
}

static void uuids_are_lower_case(void **state) {
    (void)state;
    DataRule rule = rule_of("hours");
    AUTO(Shapes) shapes;
    AUTO(Arena) arena = { 0 };
    make_shapes(
        &shapes,
        "{'collections':[{'collection':'hours','schema':{}}],'fields':[" KEY("hours") "," FIELD(
            "hours", "code", "string", "null", "{}") "," FIELD("hours", "ref", "uuid", "null", "{}") "]}",
        &rule, 1);
    Json row = row_of(&arena, "{'code':'0A1B2C3D-4E5F-4A6B-8C7D-9E0F1A2B3C4D','id':1,"
                              "'ref':'0A1B2C3D-4E5F-4A6B-8C7D-9E0F1A2B3C4D'}");
    Json carried = row_carried(&arena, &shapes.shapes[0], &row);
    assert_string_equal(text_of(&arena, &carried), "{'code':'0A1B2C3D-4E5F-4A6B-8C7D-9E0F1A2B3C4D','id':1,"
                                                   "'ref':'0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d'}");
}

static void key_bytes(const RowShape *shape, const char *const *key, const char *text, Buf *out) {
    AUTO(Arena) arena = { 0 };
    Error err = { 0 };
    Json row = row_of(&arena, text);
    buf_clear(out);
    assert_ok(row_key(shape, key, &row, out, &err));
}

static int bytes_compare(const Buf *a, const Buf *b) {
    size_t length = a->length < b->length ? a->length : b->length;
    int order = memcmp(a->data, b->data, length);
    return order ? order : (a->length > b->length) - (a->length < b->length);
}

static void keys_order_as_their_values(void **state) {
    (void)state;
    static const char *const views[] = { "views", NULL };
    static const char *const ascending[] = {
        "-1e300",
        "-9007199254740992",
        "'-9007199254740991'",
        "-120",
        "'-12.5'",
        "-12",
        "-1.5",
        "'-1'",
        "-0.5",
        "-5e-324",
        "0",
        "5e-324",
        "'0.004'",
        "0.005",
        "0.05",
        "1",
        "'2'",
        "9",
        "'10'",
        "99",
        "100",
        "'9223372036854775806'",
        "'9223372036854775807'",
        "1e21",
        "''",
        "'10a'",
        "'a'",
        "'a b'",
        "'aa'",
        "'b'",
        "'\xc3\xa4'",
        "'\xe2\x82\xac'",
        "'\xf0\x9f\x98\x80'",
    };
    DataRule rule = rule_of("posts");
    AUTO(Shapes) shapes;
    make_shapes(&shapes, blog, &rule, 1);
    AUTO(Buf) last = { 0 };
    AUTO(Buf) next = { 0 };
    for (size_t i = 0; i < sizeof ascending / sizeof *ascending; i++) {
        AUTO(Buf) row = { 0 };
        buf_printf(&row, "{'views':%s}", ascending[i]);
        key_bytes(&shapes.shapes[0], views, buf_text(&row), &next);
        if (i && bytes_compare(&last, &next) >= 0)
            fail_msg("%s does not stand before %s", ascending[i - 1], ascending[i]);
        buf_clear(&last);
        buf_append(&last, next.data, next.length);
    }
}

static void equal_keys_have_equal_bytes(void **state) {
    (void)state;
    static const char *const views[] = { "views", NULL };
    static const char *const same[][3] = {
        { "5", "'5'", "'5.00'" },
        { "0", "'-0'", "'0.000'" },
        { "1e21", "'1000000000000000000000'", "1e21" },
        { "0.5", "'.5'", "'0.50'" },
        { "-10", "'-010'", "-1e1" },
        { "100", "'+100'", "1e2" },
    };
    DataRule rule = rule_of("posts");
    AUTO(Shapes) shapes;
    make_shapes(&shapes, blog, &rule, 1);
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        AUTO(Buf) first = { 0 };
        for (size_t j = 0; j < 3; j++) {
            AUTO(Buf) row = { 0 };
            AUTO(Buf) key = { 0 };
            buf_printf(&row, "{'views':%s}", same[i][j]);
            key_bytes(&shapes.shapes[0], views, buf_text(&row), &key);
            if (j == 0)
                buf_append(&first, key.data, key.length);
            else if (bytes_compare(&first, &key) != 0)
                fail_msg("%s and %s differ", same[i][0], same[i][j]);
        }
    }
}

/* Directus gives another notation back than a file may have: the row is the same. */
static void moments_in_keys_are_compared_as_such(void **state) {
    (void)state;
    static const char *const key[] = { "opens", "since", NULL };
    DataRule rule = rule_of("hours");
    AUTO(Shapes) shapes;
    AUTO(Buf) first = { 0 }, second = { 0 }, later = { 0 };
    make_shapes(&shapes,
                "{'collections':[{'collection':'hours','schema':{}}],'fields':[" KEY("hours") "," FIELD(
                    "hours", "opens", "time", "null", "{}") "," FIELD("hours", "since", "timestamp", "null",
                                                                      "{}") "]}",
                &rule, 1);
    key_bytes(&shapes.shapes[0], key, "{'opens':'09:00:00','since':'2024-05-01T08:00:00.000Z'}", &first);
    key_bytes(&shapes.shapes[0], key, "{'opens':'09:00','since':'2024-05-01T10:00+02:00'}", &second);
    key_bytes(&shapes.shapes[0], key, "{'opens':'09:00:01','since':'2024-05-01T08:00:00.000Z'}", &later);
    assert_int_equal(bytes_compare(&first, &second), 0);
    assert_true(bytes_compare(&second, &later) < 0);
}

static void texts_stay_texts_and_parts_apart(void **state) {
    (void)state;
    static const char *const title[] = { "title", NULL }, *const pair[] = { "title", "collection", NULL };
    DataRule rule = rule_of("posts");
    AUTO(Shapes) shapes;
    AUTO(Buf) a = { 0 };
    AUTO(Buf) b = { 0 };
    make_shapes(&shapes, blog, &rule, 1);
    key_bytes(&shapes.shapes[0], title, "{'title':'5'}", &a);
    key_bytes(&shapes.shapes[0], title, "{'title':'5.0'}", &b);
    assert_true(bytes_compare(&a, &b) < 0);
    key_bytes(&shapes.shapes[0], title, "{'title':5}", &a);
    key_bytes(&shapes.shapes[0], title, "{'title':''}", &b);
    assert_true(bytes_compare(&a, &b) < 0);
    key_bytes(&shapes.shapes[0], title, "{'title':false}", &a);
    key_bytes(&shapes.shapes[0], title, "{'title':true}", &b);
    assert_true(bytes_compare(&a, &b) < 0);
    key_bytes(&shapes.shapes[0], pair, "{'title':'ab','collection':'c'}", &a);
    key_bytes(&shapes.shapes[0], pair, "{'title':'a','collection':'bc'}", &b);
    assert_true(bytes_compare(&b, &a) < 0);
}

static void rows_without_a_key_are_refused(void **state) {
    (void)state;
    static const char *const title[] = { "title", NULL };
    static const struct {
        const char *row, *message;
    } cases[] = {
        { "{'title':null}", "(/title): a row of posts without a value in its key" },
        { "{}", "(/title): a row of posts without a value in its key" },
        { "{'title':[]}", "(/title): an array cannot be part of the key of posts" },
        { "{'title':{}}", "(/title): an object cannot be part of the key of posts" },
    };
    DataRule rule = rule_of("posts");
    AUTO(Shapes) shapes;
    AUTO(Arena) arena = { 0 };
    Error err = { 0 };
    make_shapes(&shapes, blog, &rule, 1);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO(Buf) out = { 0 };
        Json row = row_of(&arena, cases[i].row);
        assert_fault(row_key(&shapes.shapes[0], title, &row, &out, &err), ERR_FILES, cases[i].message);
    }
}

static void labels_and_groups(void **state) {
    (void)state;
    static const char *const pair[] = { "title", "views", NULL };
    DataRule rule = rule_of("posts");
    AUTO(Shapes) shapes;
    AUTO(Arena) arena = { 0 };
    make_shapes(&shapes, blog, &rule, 1);
    Json row = row_of(&arena, "{'title':'en','views':5}");
    assert_string_equal(row_label(&arena, pair, &row), "en, 5");
    assert_string_equal(row_group(&arena, &shapes.shapes[0], &row), "");
    rule.group_by = pair;
    assert_string_equal(row_group(&arena, &shapes.shapes[0], &row), "en-5");
    Json umlaut = row_of(&arena, "{'title':'\xc3\x84','views':null}"),
         other = row_of(&arena, "{'title':'\xc3\x96','views':null}");
    const char *group = row_group(&arena, &shapes.shapes[0], &umlaut);
    assert_string_equal(group, row_group(&arena, &shapes.shapes[0], &umlaut));
    assert_string_not_equal(group, row_group(&arena, &shapes.shapes[0], &other));
    Json up = row_of(&arena, "{'title':'../x','views':1}");
    assert_null(strchr(row_group(&arena, &shapes.shapes[0], &up), '/'));
}

static void patches_hold_what_differs(void **state) {
    (void)state;
    DataRule rule = rule_of("posts");
    AUTO(Shapes) shapes;
    AUTO(Arena) arena = { 0 };
    make_shapes(&shapes, blog, &rule, 1);
    Json before = row_of(&arena, "{'id':1,'made':'2024-05-01T08:00:00.000Z','options':{'a':[1]},"
                                 "'price':'5.00','title':'A','views':'7'}");
    static const struct {
        const char *after, *patch;
    } cases[] = {
        { "{'id':1,'options':{'a':[1]},'price':'5.00','title':'A','views':'7'}", "{}" },
        { "{'id':1}", "{}" }, /* what the file does not say stays */
        { "{'price':5,'views':7}", "{}" },
        { "{'made':'2024-05-01T10:00:00+02:00'}", "{}" },
        { "{'price':'5.01','title':'B'}", "{'price':'5.01','title':'B'}" },
        { "{'price':null,'image':'x'}", "{'image':'x','price':null}" },
        { "{'options':{'a':[2]},'unknown':1}", "{'options':{'a':[2]}}" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Json after = row_of(&arena, cases[i].after);
        Json patch = row_patch(&arena, &shapes.shapes[0], &before, &after);
        assert_string_equal(text_of(&arena, &patch), cases[i].patch);
    }
}

/* A row from before its columns: the schema's part of an import gives it their defaults. */
static void new_columns_hold_their_default(void **state) {
    (void)state;
    DataRule rule = rule_of("posts");
    AUTO(Shapes) shapes;
    AUTO(Arena) arena = { 0 };
    make_shapes(
        &shapes,
        "{'collections':[{'collection':'posts','meta':{},'schema':{}}],'fields':[" KEY("posts") "," FIELD(
            "posts", "plain", "string", "null",
            "{'default_value':null}") "," FIELD("posts", "price", "decimal", "null",
                                                "{'default_value':3}") "," FIELD("posts", "since",
                                                                                 "timestamp", "null",
                                                                                 "{'default_value':'"
                                                                                 "CURRENT_TIMESTAMP'"
                                                                                 "}") "," FIELD("post"
                                                                                                "s",
                                                                                                "titl"
                                                                                                "e",
                                                                                                "stri"
                                                                                                "ng",
                                                                                                "nul"
                                                                                                "l",
                                                                                                "{'"
                                                                                                "defa"
                                                                                                "ult_"
                                                                                                "valu"
                                                                                                "e':'"
                                                                                                "new'"
                                                                                                "}") "],'"
                                                                                                     "relatio"
                                                                                                     "ns':[]"
                                                                                                     "}",
        &rule, 1);
    Json before = row_of(&arena, "{'id':1}");
    static const struct {
        const char *after, *patch;
    } cases[] = {
        { "{'plain':null,'price':'3.00','title':'new'}", "{}" },
        { "{'plain':'','price':null,'title':null}", "{'plain':'','price':null,'title':null}" },
        { "{'since':null}", "{'since':null}" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Json after = row_of(&arena, cases[i].after);
        Json patch = row_patch(&arena, &shapes.shapes[0], &before, &after);
        assert_string_equal(text_of(&arena, &patch), cases[i].patch);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_travels_is_carried),
        cmocka_unit_test(keys_of_a_rule_are_natural),
        cmocka_unit_test(faults_name_the_place),
        cmocka_unit_test(the_past_lacks_what_rules_name),
        cmocka_unit_test(parents_come_first_and_cycles_are_deferred),
        cmocka_unit_test(cycles_without_a_way_out_still_get_ranks),
        cmocka_unit_test(rows_keep_only_carried_fields),
        cmocka_unit_test(uuids_are_lower_case),
        cmocka_unit_test(keys_order_as_their_values),
        cmocka_unit_test(equal_keys_have_equal_bytes),
        cmocka_unit_test(moments_in_keys_are_compared_as_such),
        cmocka_unit_test(texts_stay_texts_and_parts_apart),
        cmocka_unit_test(rows_without_a_key_are_refused),
        cmocka_unit_test(labels_and_groups),
        cmocka_unit_test(patches_hold_what_differs),
        cmocka_unit_test(new_columns_hold_their_default),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
