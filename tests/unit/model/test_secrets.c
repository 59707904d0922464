/* Placeholders in texts and snapshots, the places they stand at, and what an export may write. */
#include "unit/model/snapshots.h"

#include "base/redact.h"
#include "model/conceal.h"
#include "model/place.h"
#include "model/redacted.h"
#include "model/secrets.h"
#include "model/slug.h"

/* ---- a small environment ---- */

static const char *const values[][2] = {
    { "TOKEN", "t0ken-of-the-environment" },
    { "SAME_TOKEN", "t0ken-of-the-environment" },
    { "LANGUAGE", "en" },
    { "WORDS", "plain words" },
};

static const char *look_up(void *context, const char *name) {
    (void)context;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        if (strcmp(values[i][0], name) == 0)
            return values[i][1];
    return NULL;
}

static void each(void *context, void (*visit)(void *visitor, const char *name, const char *value),
                 void *visitor) {
    (void)context;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        if (strlen(values[i][1]) >= 8)
            visit(visitor, values[i][0], values[i][1]);
}

static const ValueSource source = { look_up, each, NULL };

/* ---- texts ---- */

static void texts(void **state) {
    (void)state;
    static const struct {
        const char *file;
        bool within;
        TextKind kind;
        const char *value;
    } cases[] = {
        { "${LANGUAGE}", false, TEXT_FILLED, "en" },
        { "${LANGUAGE}", true, TEXT_FILLED, "en" },
        { "a ${LANGUAGE}", false, TEXT_PLAIN, "" },
        { "a ${LANGUAGE}-${LANGUAGE}!", true, TEXT_FILLED, "a en-en!" },
        { "$${LANGUAGE}", false, TEXT_ESCAPED, "${LANGUAGE}" },
        { "$$${LANGUAGE}", false, TEXT_ESCAPED, "$${LANGUAGE}" },
        { "x $${A} ${LANGUAGE}", true, TEXT_FILLED, "x ${A} en" },
        { "${NOT_SET}", false, TEXT_MISSING, "" },
        { "${language}", false, TEXT_PLAIN, "" },
        { "${1A}", true, TEXT_PLAIN, "" },
        { "${}", true, TEXT_PLAIN, "" },
        { "${A", true, TEXT_PLAIN, "" },
        { "$", true, TEXT_PLAIN, "" },
        { "$$", true, TEXT_PLAIN, "" },
        { "{LANGUAGE}", true, TEXT_PLAIN, "" },
        { "`${a}${LANGUAGE}`", false, TEXT_PLAIN, "" },
        { "", true, TEXT_PLAIN, "" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO(Buf) out = { 0 }, missing = { 0 };
        const char *file = cases[i].file;
        TextKind kind = placeholder_fill(file, strlen(file), cases[i].within, &source, &out, &missing);
        if (kind != cases[i].kind)
            fail_msg("%s: kind %d", file, (int)kind);
        assert_string_equal(buf_text(&out), cases[i].value);
        assert_string_equal(buf_text(&missing), kind == TEXT_MISSING ? "NOT_SET\n" : "");
    }
}

/* What is escaped reads as itself, whatever it is made of. */
static void escapes(void **state) {
    (void)state;
    static const char letters[] = "${A}a";
    for (unsigned number = 0; number < 5 * 5 * 5 * 5 * 5 * 5; number++) {
        char text[16] = "";
        unsigned rest = number;
        for (size_t i = 0; i < 6; i++, rest /= 5)
            text[i] = letters[rest % 5];
        for (int within = 0; within < 2; within++) {
            AUTO(Buf) out = { 0 }, back = { 0 };
            const char *file = placeholder_escape(text, 6, within, &out) ? buf_text(&out) : text;
            TextKind kind = placeholder_fill(file, strlen(file), within, &source, &back, NULL);
            assert_string_equal(kind == TEXT_PLAIN ? file : buf_text(&back), text);
            assert_true(kind <= TEXT_ESCAPED);
        }
    }
}

/* ---- places ---- */

typedef struct {
    const char *text, *pattern, *record;
    bool exact, matched, found;
    Buf path;
} Search;

static const char *search(Arena *arena, const Json *text, const JsonStep *step, void *context) {
    (void)arena;
    Search *looking = context;
    if (strcmp(text->as.text, looking->text) != 0)
        return NULL;
    looking->found = true;
    looking->matched = place_matches(looking->pattern, looking->record, step, looking->exact);
    buf_clear(&looking->path);
    place_put(&looking->path, step);
    return NULL;
}

static void places(void **state) {
    (void)state;
    static const char json[] =
        "{'options':{'headers':[{'header':'A/"
        "b','value':'one'},{'header':'C','value':'two'},{'header':'C','value':'three'}],"
        "'a:b~c':{'d':'four'}},'list':['five','six']}";
    static const struct {
        const char *text, *pattern;
        bool exact, matched;
        const char *path;
    } cases[] = {
        { "one", "options/headers/header=A~1b/value", true, true, "options/headers/header=A~1b/value" },
        { "one", "options/headers/0/value", true, true, "options/headers/header=A~1b/value" },
        { "one", "options/headers/*/value", false, true, NULL },
        { "one", "options/headers", false, true, NULL },
        { "one", "options/headers", true, false, NULL },
        { "one", "options/head", false, false, NULL },
        { "one", "options/headers/1/value", false, false, NULL },
        { "two", "options/headers/header=A~1b/value", true, false, "options/headers/1/value" },
        { "three", "options/headers/header=C/value", true, true, "options/headers/2/value" },
        { "four", "options/a~2b~0c/d", true, true, "options/a~2b~0c/d" },
        { "five", "list/0", true, true, "list/0" },
        { "six", "list/0", true, false, "list/1" },
        { "six", "r1:list/1", true, true, NULL },
        { "six", "r:list/1", true, false, NULL },
        { "six", "*:list", false, true, NULL },
        { "six", "list/1/2", false, false, NULL },
    };
    AUTO(Snapshot) snapshot = { 0 };
    AUTO(Buf) text = { 0 };
    for (const char *c = json; *c; c++)
        buf_putc(&text, *c == '\'' ? '"' : *c);
    Error err = { 0 };
    Json value;
    assert_ok(json_parse(&snapshot.arena, text.data, text.length, JSON_STATE, &value, &err));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Search looking = {
            .text = cases[i].text, .pattern = cases[i].pattern, .record = "r1", .exact = cases[i].exact
        };
        json_map_places(&snapshot.arena, &value, search, &looking);
        assert_true(looking.found);
        if (looking.matched != cases[i].matched)
            fail_msg("%s, %s", cases[i].text, cases[i].pattern);
        if (cases[i].path)
            assert_string_equal(buf_text(&looking.path), cases[i].path);
        buf_free(&looking.path);
    }
}

/* ---- on the way in ---- */

#define OPERATION "00000000-0000-4000-8000-000000000001"
#define OTHER     "00000000-0000-4000-8000-000000000002"

static const char *const declared[] = { "options/headers/*/value", NULL };
static const char *const harmless[] = { OPERATION ":options/url", NULL };
static const char *const nothing[] = { NULL };
static const SecretRule rules[] = {
    { "directus_operations", declared, harmless },
    { "notes", (const char *const[]){ "token", NULL }, nothing },
};
static const Scope scope = { .secrets = rules, .secret_count = 2 };

static const char *option(const Snapshot *snapshot, size_t index, const char *name) {
    return json_text(json_path(&snapshot->types[TYPE_OPERATIONS].items[index].json, "options", name, NULL));
}

static const char *header(const Snapshot *snapshot, size_t record, size_t index) {
    const Json *headers =
        json_path(&snapshot->types[TYPE_OPERATIONS].items[record].json, "options", "headers", NULL);
    return json_get_text(&headers->as.items[index], "value");
}

#define FILES                                                                                                \
    "{'operations':[{'id':'" OPERATION "','key':'send','options':{'url':'${WORDS}','script':'`${TOKEN}`',"   \
    "'literal':'$${TOKEN}','headers':[{'header':'Authorization','value':'Bearer ${TOKEN}'}]}}]}"

static void fills(void **state) {
    (void)state;
    AUTO(Snapshot) files = { 0 };
    AUTO(Placeholders) noted = { 0 };
    bool sections[SECTION_COUNT] = { 0 };
    snapshot_of(&files, false, FILES);
    placeholders_take(&files, sections, &scope, &source, true, &noted);
    assert_int_equal(noted.count, 0);
    placeholders_take(&files, NULL, &scope, &source, true, &noted);
    assert_int_equal(noted.count, 2);
    assert_string_equal(option(&files, 0, "url"), "plain words");
    assert_string_equal(option(&files, 0, "script"), "`${TOKEN}`");
    assert_string_equal(option(&files, 0, "literal"), "${TOKEN}");
    assert_string_equal(header(&files, 0, 0), "Bearer t0ken-of-the-environment");
    assert_int_equal(noted.missing.length, 0);
}

static void tells_what_is_missing(void **state) {
    (void)state;
    AUTO(Snapshot) files = { 0 };
    AUTO(Placeholders) noted = { 0 };
    snapshot_of(&files, false,
                "{'operations':[{'id':'" OPERATION
                "','options':{'a':'${ONE}','headers':[{'value':'${TWO} ${ONE} ${TOKEN}'}]}}]}");
    files.folder = "schema";
    placeholders_take(&files, NULL, &scope, &source, true, &noted);
    assert_string_equal(buf_text(&noted.missing),
                        "ONE\tschema/operations.json: (/0/options/a)\n"
                        "TWO\tschema/operations.json: (/0/options/headers/0/value)\n"
                        "ONE\tschema/operations.json: (/0/options/headers/0/value)\n");
    assert_string_equal(option(&files, 0, "a"), "${ONE}");
}

/* ---- on the way out ---- */

typedef struct {
    Snapshot files, instance;
    Placeholders noted;
    Keeper keeper;
} Export;

static void export_of(Export *export, const char *files, const char *instance) {
    bool sections[SECTION_COUNT];
    memset(sections, true, sizeof sections);
    snapshot_of(&export->files, false, files);
    snapshot_of(&export->instance, true, instance);
    placeholders_take(&export->files, NULL, &scope, &source, false, &export->noted);
    export->keeper = (Keeper){ .scope = &scope, .placeholders = &export->noted, .source = &source };
    keeper_snapshot(&export->keeper, &export->instance, sections, &export->files);
}

static void export_free(Export *export) {
    keeper_free(&export->keeper);
    placeholders_free(&export->noted);
    snapshot_free(&export->files);
    snapshot_free(&export->instance);
}
AUTO_DEFINE(Export, export_free);

static void keeps_what_stands_for_it(void **state) {
    (void)state;
    AUTO(Export) export = { 0 };
    export_of(&export, FILES,
              "{'operations':[{'id':'" OPERATION
              "','key':'send','options':{'url':'plain words','script':'`${TOKEN}`',"
              "'literal':'${TOKEN}','headers':[{'header':'X','value':'{{$env.X}}'},"
              "{'header':'Authorization','value':'Bearer t0ken-of-the-environment'}]}},"
              "{'id':'" OTHER "','options':{'url':'plain words','key':'t0ken-of-the-environment',"
              "'headers':[{'header':'Authorization','value':'Basic t0ken-of-the-environment'}]}}]}");
    assert_int_equal(export.keeper.clear_count, 0);
    assert_string_equal(option(&export.instance, 0, "url"), "${WORDS}");
    assert_string_equal(option(&export.instance, 0, "script"), "`${TOKEN}`");
    assert_string_equal(option(&export.instance, 0, "literal"), "$${TOKEN}");
    assert_string_equal(header(&export.instance, 0, 0), "{{$env.X}}");
    assert_string_equal(header(&export.instance, 0, 1), "Bearer ${TOKEN}");
    /* elsewhere only secrets become placeholders */
    assert_string_equal(option(&export.instance, 1, "url"), "plain words");
    assert_string_equal(header(&export.instance, 1, 0), "Basic ${TOKEN}");
}

static void refuses(void **state) {
    (void)state;
    AUTO(Export) export = { 0 };
    export_of(
        &export, FILES,
        "{'operations':[{'id':'" OPERATION
        "','key':'send','options':{'url':'https://me:passw0rd1@example.com/',"
        "'headers':[{'header':'Authorization','value':'Bearer of another'},{'header':'X','value':'low'}]}},"
        "{'id':'" OTHER
        "','key':'k','name':'Post it','flow':'f','options':{'url':'https://me:passw0rd1@example.com/',"
        "'again':'https://me:passw0rd1@example.com/'}}]}");
    static const struct {
        const char *record, *path, *kind, *suggestion;
    } wanted[] = {
        { OPERATION, "options/headers/header=Authorization/value", "another value than the placeholder's",
          NULL },
        { OPERATION, "options/headers/header=X/value", "text at a place declared secret", NULL },
        { OPERATION, "options/url", "another value than the placeholder's", NULL },
        { OTHER, "options/again", "URL with a password", "F_POST_IT_AGAIN" },
        { OTHER, "options/url", "URL with a password", "F_POST_IT_URL" },
    };
    /* the first one's url is listed as harmless */
    size_t at = 0;
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        if (i == 2)
            continue;
        assert_true(at < export.keeper.clear_count);
        const ClearSecret *clear = &export.keeper.clear[at++];
        assert_string_equal(clear->record, wanted[i].record);
        assert_string_equal(clear->path, wanted[i].path);
        assert_string_equal(clear->kind, wanted[i].kind);
        if (wanted[i].suggestion)
            assert_string_equal(clear->suggestion, wanted[i].suggestion);
    }
    assert_int_equal(at, export.keeper.clear_count);
    assert_string_equal(option(&export.instance, 0, "url"), "https://me:passw0rd1@example.com/");
}

/* A record that is called by its secret does not give the suggested name to it. */
static void a_name_does_not_spell_a_secret(void **state) {
    (void)state;
    AUTO(Export) export = { 0 };
    export_of(&export, "{'folders':[]}",
              "{'folders':[{'id':'" OTHER "','name':'ghp_"
              "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8','parent':null}]}");
    assert_int_equal(export.keeper.clear_count, 1);
    assert_string_equal(export.keeper.clear[0].suggestion, "DIRECTUS_FOLDERS_NAME");
    redact_forget();
}

/* No placeholder can stand for one; what is short is none, and other places may have any. */
static void refuses_numbers(void **state) {
    (void)state;
    AUTO(Export) export = { 0 };
    export_of(&export, FILES,
              "{'operations':[{'id':'" OTHER "','key':'k','name':'n','flow':'f','options':{'pin':424242,"
              "'headers':[{'header':'Authorization','value':73391},{'header':'X','value':200}]}}]}");
    assert_int_equal(export.keeper.clear_count, 1);
    const ClearSecret *clear = &export.keeper.clear[0];
    assert_true(clear->number);
    assert_string_equal(clear->path, "options/headers/header=Authorization/value");
    assert_string_equal(clear->pointer, "/options/headers/0/value");
    assert_string_equal(clear->kind, "number at a place declared secret");
    assert_string_equal(clear->value, "73391");
    keeper_settle(&export.keeper, &export.instance);
    assert_int_equal(export.keeper.clear_count, 1);
    AUTO(Snapshot) without = { 0 };
    snapshot_of(&without, false, "{'operations':[{'id':'" OTHER "','options':{'headers':[{'value':7}]}}]}");
    keeper_settle(&export.keeper, &without);
    assert_int_equal(export.keeper.clear_count, 0);
}

/* What stays on the instance is no secret of the files; the same text elsewhere in the record is. */
static void settles_with_what_is_written(void **state) {
    (void)state;
    AUTO(Export) export = { 0 };
    AUTO(Snapshot) written = { 0 };
    export_of(&export, "{'operations':[]}",
              "{'operations':[{'id':'" OTHER "','key':'k','name':'n','flow':'f','options':{"
              "'a':'https://me:passw0rd1@example.com/','b':'https://me:passw0rd1@example.com/'}}]}");
    assert_int_equal(export.keeper.clear_count, 2);
    snapshot_of(&written, false,
                "{'operations':[{'id':'" OTHER "','key':'k','name':'n','flow':'f','options':{"
                "'a':'plain','b':'https://me:passw0rd1@example.com/'}}]}");
    keeper_settle(&export.keeper, &written);
    assert_int_equal(export.keeper.clear_count, 1);
    assert_string_equal(export.keeper.clear[0].path, "options/b");
    assert_ptr_equal(export.keeper.clear[0].source, &written.types[TYPE_OPERATIONS].items[0]);

    AUTO(Arena) arena = { 0 };
    Json row = quoted_json(&arena, "{'id':1,'text':'ghp_"
                                   "0aZ9bY8cX7dW6eV5fU4gT3hS2iR1jQ0kP9lM'}");
    Json kept = quoted_json(&arena, "{'id':1,'text':'plain'}");
    for (int i = 1; i <= 3; i++)
        keeper_row(&export.keeper, &arena, "others", arena_printf(&arena, "%d", i), &row);
    assert_int_equal(export.keeper.clear_count, 4);
    keeper_settle_row(&export.keeper, "others", "1", &kept);
    keeper_settle_row(&export.keeper, "others", "2", NULL);
    keeper_settle_row(&export.keeper, "others", "3", &row);
    keeper_settle(&export.keeper, &written);
    assert_int_equal(export.keeper.clear_count, 2);
    assert_string_equal(export.keeper.clear[1].record, "3");
}

/* Of two states' placeholders at one place the first counts. */
static void two_states_are_noted(void **state) {
    (void)state;
    AUTO(Snapshot) seen = { 0 }, files = { 0 }, instance = { 0 };
    AUTO(Placeholders) noted = { 0 };
    AUTO(Keeper) keeper = { .scope = &scope, .placeholders = &noted, .source = &source };
    bool sections[SECTION_COUNT];
    memset(sections, true, sizeof sections);
    snapshot_of(&seen, false,
                "{'operations':[{'id':'" OTHER "','options':{'one':'${WORDS}','none':'${X}'}}]}");
    snapshot_of(&files, false,
                "{'operations':[{'id':'" OTHER "','options':{'one':'${X}','two':'${WORDS}'}}]}");
    snapshot_of(&instance, true,
                "{'operations':[{'id':'" OTHER
                "','options':{'one':'plain words','two':'plain words','none':'something else'}}]}");
    placeholders_take(&seen, NULL, &scope, &source, false, &noted);
    placeholders_take(&files, NULL, &scope, &source, false, &noted);
    keeper_snapshot(&keeper, &instance, sections, &seen);
    assert_string_equal(option(&instance, 0, "one"), "${WORDS}");
    assert_string_equal(option(&instance, 0, "two"), "${WORDS}");
    /* For a comparison a name without a value stands for what is there. */
    placeholders_assume(&noted, &instance);
    assert_string_equal(option(&instance, 0, "none"), "${X}");
}

static void rows_beside_names_without_a_value(void **state) {
    (void)state;
    static const char *const texts[] = { "text", NULL };
    static const SecretRule rule[] = { { .collection = "notes", .secrets = texts, .harmless = nothing } };
    static const Scope of_rows = { .secrets = rule, .secret_count = 1 };
    AUTO(Arena) arena = { 0 };
    Json row = quoted_json(&arena, "{'id':1,'text':'what is there','other':'what is there'}");
    Json missing = quoted_json(&arena, "{'id':1,'text':'${X}','other':'${X}'}");
    Json filled = quoted_json(&arena, "{'id':1,'text':'what is wanted'}");
    Json with = placeholders_assume_row(&arena, &row, &missing, "notes", "1", &of_rows, &source);
    assert_string_equal(json_get_text(&with, "text"), "${X}");
    assert_string_equal(json_get_text(&with, "other"), "what is there");
    with = placeholders_assume_row(&arena, &row, &filled, "notes", "1", &of_rows, &source);
    assert_true(json_equal(&with, &row));
    AUTO(Buf) shown = { 0 };
    redact_append(&shown, "it is what is there", strlen("it is what is there"));
    assert_string_equal(buf_text(&shown), "it is (secret)");
    redact_forget();
}

static void numbers_are_hidden(void **state) {
    (void)state;
    AUTO(Arena) arena = { 0 };
    AUTO(Placeholders) noted = { 0 };
    AUTO(Keeper) keeper = { .scope = &scope, .placeholders = &noted, .source = &source };
    Error err = { 0 };
    static const char line[] = "{\"id\":1234,\"token\":987654321,\"text\":1234}";
    Json row;
    assert_ok(json_parse(&arena, line, sizeof line - 1, JSON_STATE, &row, &err));
    Json kept = keeper_row(&keeper, &arena, "notes", "1234", &row);
    assert_true(json_equal(&kept, &row));
    assert_int_equal(keeper.clear_count, 1);
    assert_string_equal(keeper.clear[0].path, "token");
    Json shown = secrets_conceal_row(&arena, &scope, "notes", "1234", &row, NULL, true);
    assert_string_equal(json_get_text(&shown, "token"), CONCEALED);
    assert_true(json_equal(json_get(&shown, "text"), json_get(&row, "text")));
    /* a plan of configuration knows no places, but what was found at one is hidden by its value */
    shown = conceal(&arena, "pin", NULL, json_get(&row, "token"));
    assert_string_equal(json_text(&shown), "(secret)");
    shown = conceal(&arena, "pin", NULL, json_get(&row, "text"));
    assert_true(json_equal(&shown, json_get(&row, "text")));
    redact_forget();
}

/* The file is named after its record: of a secret that is the name, in small letters. */
static void hidden_in_a_files_name(void **state) {
    (void)state;
    AUTO(Export) export = { 0 };
    AUTO(Arena) arena = { 0 };
    AUTO(Buf) shown = { 0 };
    const char *name = "Deploy 0aZ9bY8cX7dW6eV5fU4gT3hS2iR1jQ0kP9lM";
    export_of(&export, "{}", arena_printf(&arena, "{'flows':[{'id':'" OTHER "','name':'%s'}]}", name));
    assert_int_equal(export.keeper.clear_count, 1);
    const char *path = arena_printf(&arena, "flows/%s.json", slug_make(&arena, name, OTHER));
    redact_append(&shown, path, strlen(path));
    assert_true(str_starts(buf_text(&shown), "flows/(secret)"));
    redact_forget();
}

/* Of a backup: nothing in clear, and nothing that could not be put back from what is remembered. */
static void withholds(void **state) {
    (void)state;
    AUTO(Arena) arena = { 0 };
    AUTO(Placeholders) noted = { 0 };
    AUTO(Keeper) keeper = { .scope = &scope, .placeholders = &noted, .source = &source, .withholds = true };
    AUTO(Snapshot) instance = { 0 };
    bool sections[SECTION_COUNT];
    memset(sections, true, sizeof sections);
    snapshot_of(&instance, true,
                "{'operations':[{'id':'" OTHER "','key':'k','flow':'f','options':{"
                "'Authorization':'Bearer 0aZ9bY8cX7dW6eV5fU4gT3hS2iR1jQ0kP9lM'}}]}");
    keeper_snapshot(&keeper, &instance, sections, &instance);
    assert_int_equal(keeper.clear_count, 1);
    const char *name = keeper.clear[0].withheld;
    assert_true(str_starts(name, "NOT_IN_BACKUP_"));
    assert_string_equal(keeper.clear[0].value, "Bearer 0aZ9bY8cX7dW6eV5fU4gT3hS2iR1jQ0kP9lM");
    const Json *options = json_get(&instance.types[TYPE_OPERATIONS].items[0].json, "options");
    assert_string_equal(json_get_text(options, "Authorization"), arena_printf(&arena, "${%s}", name));
    /* No text can stand for a number. */
    AUTO(Snapshot) numbers = { 0 };
    snapshot_of(&numbers, true,
                "{'operations':[{'id':'" OTHER "','key':'k','flow':'f','options':{"
                "'headers':[{'header':'Authorization','value':73391}]}}]}");
    keeper_snapshot(&keeper, &numbers, sections, &numbers);
    assert_int_equal(keeper.clear_count, 2);
    assert_null(keeper.clear[1].withheld);
    assert_null(json_get(&numbers.types[TYPE_OPERATIONS].items[0].json, "options"));
    assert_string_equal(json_get_text(&numbers.types[TYPE_OPERATIONS].items[0].json, "key"), "k");
    /* In rows placeholders are read at declared places only. */
    Json row =
        quoted_json(&arena, "{'id':1,'other':{'deep':'ghp_0aZ9bY8cX7dW6eV5fU4gT3hS2iR1jQ0kP9lM'},'t':'x'}");
    Json left = keeper_row(&keeper, &arena, "others", "1", &row);
    Json wanted = quoted_json(&arena, "{'id':1,'t':'x'}");
    assert_true(json_equal(&left, &wanted));
    assert_null(keeper.clear[2].withheld);
    redact_forget();
}

static void keeps_rows(void **state) {
    (void)state;
    AUTO(Arena) arena = { 0 };
    AUTO(Placeholders) noted = { 0 };
    AUTO(Keeper) keeper = { .scope = &scope, .placeholders = &noted, .source = &source };
    Error err = { 0 };
    static const char line[] = "{\"id\":1,\"text\":\"t0ken-of-the-environment "
                               "${TOKEN}\",\"token\":\"<t0ken-of-the-environment> ${TOKEN}\"}";
    Json row, kept, back;
    assert_ok(json_parse(&arena, line, sizeof line - 1, JSON_STATE, &row, &err));
    assert_true(keeper_wants_row(&keeper, "notes", "{}", 2));
    assert_false(keeper_wants_row(&keeper, "others", line, sizeof line - 1));
    kept = keeper_row(&keeper, &arena, "notes", "1", &row);
    assert_int_equal(keeper.clear_count, 0);
    assert_string_equal(json_get_text(&kept, "token"), "<${TOKEN}> $${TOKEN}");
    assert_string_equal(json_get_text(&kept, "text"), "t0ken-of-the-environment ${TOKEN}");
    back = placeholders_take_row(&arena, &kept, "notes", "1", "a place", &scope, &source, NULL);
    assert_true(json_equal(&back, &row));
}

/* A row is looked at as it will be written: "\\n" in front of a token is no letter of it. */
static void wants_rows_with_escapes(void **state) {
    (void)state;
    AUTO(Placeholders) noted = { 0 };
    AUTO(Keeper) keeper = { .scope = &scope, .placeholders = &noted, .source = &source };
    static const char *const yes[] = {
        "{\"text\":\"the token:\\nghp_0aZ9bY8cX7dW6eV5fU4gT3hS2iR1jQ0kP9lM\"}",
        "{\"text\":\"a\\tghp_0aZ9bY8cX7dW6eV5fU4gT3hS2iR1jQ0kP9lM\"}",
        "{\"text\":\"\\u0001ghp_0aZ9bY8cX7dW6eV5fU4gT3hS2iR1jQ0kP9lM\"}",
        "{\"text\":\"here:\\n-----BEGIN PRIVATE KEY-----\\nMIIE\"}",
        "{\"text\":\"\\\\ghp_0aZ9bY8cX7dW6eV5fU4gT3hS2iR1jQ0kP9lM\"}",
    };
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        assert_true(keeper_wants_row(&keeper, "others", yes[i], strlen(yes[i])));
    static const char no[] = "{\"text\":\"one\\ntwo \\\"three\\\"\\u001f\"}";
    assert_false(keeper_wants_row(&keeper, "others", no, sizeof no - 1));
}

/* A mistyped path would protect nothing; of a collection without records nothing can be said. */
static void unknown_paths(void **state) {
    (void)state;
    AUTO(Snapshot) snapshot = { 0 };
    snapshot_of(&snapshot, false,
                "{'operations':[{'id':'" OPERATION
                "','options':{}}],'fields':[{'collection':'notes','field':'token'}]}");
    static const struct {
        const char *collection, *secret, *harmless, *fault;
    } cases[] = {
        { "directus_operations", "options/any/*", OPERATION ":options", NULL },
        { "directus_operations", "*/url", NULL, NULL },
        { "directus_operations", "option/url", NULL,
          "/collections/directus_operations/secrets: directus_operations has no field \"option\"" },
        { "directus_flows", "anything", NULL, NULL },
        { "notes", "token", "1:token/x", NULL },
        { "notes", NULL, "1:tokn", "/collections/notes/harmless: notes has no field \"tokn\"" },
        { "others", "token", NULL, NULL },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *const secrets[] = { cases[i].secret, NULL }, *const none[] = { cases[i].harmless, NULL };
        SecretRule rule = { cases[i].collection, secrets, none };
        Scope one = { .secrets = &rule, .secret_count = 1 };
        AUTO(Arena) arena = { 0 };
        const char *fault = secrets_unknown(&snapshot, &one, &arena);
        if (!str_equal(fault, cases[i].fault))
            fail_msg("%zu: %s", i, fault ? fault : "no fault");
    }
}

/* ---- what is shown ---- */

static void shows(void **state) {
    (void)state;
    AUTO(Snapshot) files = { 0 }, target = { 0 };
    AUTO(Placeholders) noted = { 0 };
    AUTO(Arena) arena = { 0 };
    snapshot_of(&files, false, FILES);
    snapshot_of(&target, true,
                "{'operations':[{'id':'" OPERATION "','options':{'url':'rather old words',"
                "'headers':[{'header':'Authorization','value':'Bearer "
                "0ld-one'}],'x':'ghp_0aZ9bY8cX7dW6eV5fU4gT3hS2iR1jQ0kP9lM!'}}]}");
    placeholders_take(&files, NULL, &scope, &source, true, &noted);
    placeholders_hide(&noted);
    secrets_hide(&target, &scope, &noted);
    Json before =
        redacted(&arena, json_get(&target.types[TYPE_OPERATIONS].items[0].json, "options"), "options");
    Json after =
        redacted(&arena, json_get(&files.types[TYPE_OPERATIONS].items[0].json, "options"), "options");
    assert_string_equal(json_get_text(&before, "url"), "(another value)");
    assert_string_equal(json_get_text(&before, "x"), "(GitHub token)!");
    assert_string_equal(json_get_text(&json_get(&before, "headers")->as.items[0], "value"),
                        "(another value)");
    assert_string_equal(json_get_text(&after, "url"), "${WORDS}");
    assert_string_equal(json_get_text(&json_get(&after, "headers")->as.items[0], "value"), "Bearer ${TOKEN}");
    Error err = { 0 };
    error_set(&err, ERR_REMOTE, "not 0ld-one");
    redact_error(&err);
    assert_string_equal(err.message, "not (another value)");
    redact_forget();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts),
        cmocka_unit_test(escapes),
        cmocka_unit_test(places),
        cmocka_unit_test(fills),
        cmocka_unit_test(refuses),
        cmocka_unit_test(a_name_does_not_spell_a_secret),
        cmocka_unit_test(tells_what_is_missing),
        cmocka_unit_test(refuses_numbers),
        cmocka_unit_test(numbers_are_hidden),
        cmocka_unit_test(withholds),
        cmocka_unit_test(hidden_in_a_files_name),
        cmocka_unit_test(keeps_rows),
        cmocka_unit_test(wants_rows_with_escapes),
        cmocka_unit_test(keeps_what_stands_for_it),
        cmocka_unit_test(shows),
        cmocka_unit_test(unknown_paths),
        cmocka_unit_test(settles_with_what_is_written),
        cmocka_unit_test(two_states_are_noted),
        cmocka_unit_test(rows_beside_names_without_a_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
