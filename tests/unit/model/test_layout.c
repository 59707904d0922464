#include "model/layout.h"

#include <stdlib.h>

#include "model/canon.h"
#include "unit/model/snapshots.h"

#define ROLE   "00000000-0000-4000-8000-000000000001"
#define POLICY "00000000-0000-4000-8000-000000000002"
#define FLOW   "00000000-0000-4000-8000-000000000003"
#define FIRST  "00000000-0000-4000-8000-000000000004"
#define SECOND "00000000-0000-4000-8000-000000000005"
#define FOLDER "00000000-0000-4000-8000-000000000006"
#define GONE   "00000000-0000-4000-8000-0000000000ff"

static const char *const project =
    "{'collections':[{'collection':'posts','meta':{'collection':'posts','group':'blog'},'schema':{'name':'"
    "posts'}},"
    "{'collection':'blog','meta':{'group':null}}],"
    "'fields':[{'collection':'posts','field':'title','type':'string','meta':null,'schema':{'name':'title'}},"
    "{'collection':'posts','field':'id','type':'uuid','meta':{'field':'id'},'schema':{'table':'posts'}},"
    "{'collection':'directus_users','field':'bio','type':'text','meta':{},'schema':{}}],"
    "'relations':[{'collection':'posts','field':'parent','related_collection':'posts','meta':{},'schema':{}},"
    "{'collection':'posts','field':'item','related_collection':null,'meta':{}}],"
    "'system_fields':[{'collection':'directus_users','field':'email','schema':{'is_indexed':true}}],"
    "'folders':[{'id':'" FOLDER "','name':'Images','parent':null}],"
    "'roles':[{'id':'$administrator','name':'Administrator','parent':null},"
    "{'id':'" ROLE "','name':'Editor','parent':'$administrator'}],"
    "'policies':[{'id':'$public','name':'Public'},{'id':'" POLICY "','name':'Éditeurs'}],"
    "'access':[{'policy':'" POLICY "','role':'" ROLE
    "','sort':1},{'policy':'$public','role':null,'sort':null}],"
    "'permissions':[{'policy':'" POLICY "','collection':'posts','action':'read','fields':['*']},"
    "{'policy':'" POLICY "','collection':'posts','action':'read','fields':['*']},"
    "{'policy':'" POLICY "','collection':'posts','action':'create','fields':null}],"
    "'settings':[{'project_name':'P','storage_default_folder':'" FOLDER "'}],'translations':[],"
    "'presets':[{'collection':'posts','bookmark':null,'role':null,'layout':'tabular'}],'dashboards':[],'"
    "panels':[],"
    "'flows':[{'id':'" FLOW "','name':'a/b','operation':'" SECOND "'}],"
    "'operations':[{'id':'" SECOND "','flow':'" FLOW "','key':'b','resolve':'" FIRST "','reject':null},"
    "{'id':'" FIRST "','flow':'" FLOW "','key':'a','resolve':null,'reject':'" SECOND "'}]}";

typedef struct {
    Arena arena;
    struct {
        const char *path, *text;
    } items[64];
    size_t count;
} Files;

static bool keep_file(const char *path, const char *text, size_t length, void *context, Error *err) {
    (void)err;
    Files *files = context;
    assert_true(files->count < 64);
    files->items[files->count].path = arena_strdup(&files->arena, path);
    files->items[files->count++].text = arena_strndup(&files->arena, text, length);
    return true;
}

static void write_files(const Snapshot *snapshot, Files *files) {
    Error err = { 0 };
    for (SectionId section = 0; section < SECTION_COUNT; section++)
        assert_ok(layout_write(snapshot, section, keep_file, files, &err));
}

static const char *file_text(const Files *files, const char *path) {
    for (size_t i = 0; i < files->count; i++)
        if (strcmp(files->items[i].path, path) == 0)
            return files->items[i].text;
    fail_msg("no file %s", path);
    return NULL;
}

/* Single quotes stand for double ones. */
static bool read_text(Snapshot *snapshot, const char *path, const char *text, Error *err) {
    AUTO(Buf) json = { 0 };
    Json value;
    for (const char *c = text; *c; c++)
        buf_putc(&json, *c == '\'' ? '"' : *c);
    if (!json_parse(&snapshot->arena, json.data, json.length, JSON_STATE, &value, err))
        fail_msg("%s: %s", path, err->message);
    return layout_read(snapshot, path, &value, err);
}

static void read_files(const Files *files, Snapshot *snapshot) {
    Error err = { 0 };
    for (size_t i = files->count; i-- > 0;) {
        Json value;
        const char *text = files->items[i].text;
        assert_ok(json_parse(&snapshot->arena, text, strlen(text), JSON_STATE, &value, &err));
        assert_ok(layout_read(snapshot, files->items[i].path, &value, &err));
    }
    assert_ok(layout_finish(snapshot, &err));
}

static void files_and_back_change_nothing(void **state) {
    (void)state;
    AUTO(Snapshot) before = { 0 };
    AUTO(Snapshot) after = { 0 };
    Files files = { 0 };
    snapshot_of(&before, false, project);
    write_files(&before, &files);
    read_files(&files, &after);
    for (TypeId type = 0; type < TYPE_COUNT; type++) {
        assert_int_equal(after.types[type].count, before.types[type].count);
        for (size_t i = 0; i < before.types[type].count; i++)
            assert_true(json_equal(&before.types[type].items[i].json, &after.types[type].items[i].json));
    }
    Files again = { 0 };
    write_files(&after, &again);
    assert_int_equal(again.count, files.count);
    for (size_t i = 0; i < files.count; i++) {
        assert_string_equal(again.items[i].path, files.items[i].path);
        assert_string_equal(again.items[i].text, files.items[i].text);
        assert_int_equal(layout_path(files.items[i].path).kind, PATH_RECORDS);
    }
    arena_free(&files.arena);
    arena_free(&again.arena);
}

/* Takes the records of a snapshot in another order. */
static void shuffle(const Snapshot *from, Snapshot *to, unsigned seed) {
    for (TypeId type = 0; type < TYPE_COUNT; type++) {
        size_t count = from->types[type].count;
        to->present[type] = from->present[type];
        for (size_t i = 0; i < count; i++)
            snapshot_add(to, type, json_copy(&to->arena, &from->types[type].items[i].json));
        for (size_t i = count; i > 1; i--) {
            seed = seed * 1103515245u + 12345u;
            size_t other = seed / 65536u % i;
            Record swap = to->types[type].items[i - 1];
            to->types[type].items[i - 1] = to->types[type].items[other];
            to->types[type].items[other] = swap;
        }
    }
    snapshot_sort(to);
}

static void the_order_of_records_makes_no_difference(void **state) {
    (void)state;
    AUTO(Snapshot) sorted = { 0 };
    Files files = { 0 };
    snapshot_of(&sorted, false, project);
    write_files(&sorted, &files);
    for (unsigned seed = 1; seed <= 20; seed++) {
        AUTO(Snapshot) other = { 0 };
        Files again = { 0 };
        shuffle(&sorted, &other, seed);
        write_files(&other, &again);
        assert_int_equal(again.count, files.count);
        for (size_t i = 0; i < files.count; i++) {
            assert_string_equal(again.items[i].path, files.items[i].path);
            assert_string_equal(again.items[i].text, files.items[i].text);
        }
        arena_free(&again.arena);
    }
    arena_free(&files.arena);
}

static void files_look_as_the_design_says(void **state) {
    (void)state;
    AUTO(Snapshot) snapshot = { 0 };
    Files files = { 0 };
    snapshot_of(&snapshot, false, project);
    write_files(&snapshot, &files);
    assert_string_equal(
        file_text(&files, "collections/posts.json"),
        "{\n"
        "  \"collection\": \"posts\",\n"
        "  \"fields\": [\n"
        "    {\n      \"field\": \"id\",\n      \"meta\": {\n        \"field\": \"id\"\n      },\n"
        "      \"schema\": {\n        \"table\": \"posts\"\n      },\n      \"type\": \"uuid\"\n    },\n"
        "    {\n      \"field\": \"title\",\n      \"meta\": null,\n"
        "      \"schema\": {\n        \"name\": \"title\"\n      },\n      \"type\": \"string\"\n    }\n"
        "  ],\n"
        "  \"meta\": {\n    \"collection\": \"posts\",\n    \"group\": \"blog\"\n  },\n"
        "  \"relations\": [\n"
        "    {\n      \"field\": \"item\",\n      \"meta\": {},\n      \"related_collection\": null\n    },\n"
        "    {\n      \"field\": \"parent\",\n      \"meta\": {},\n"
        "      \"related_collection\": \"posts\",\n      \"schema\": {}\n    }\n"
        "  ],\n"
        "  \"schema\": {\n    \"name\": \"posts\"\n  }\n"
        "}\n");
    assert_string_equal(
        file_text(&files, "collections/directus_users.json"),
        "{\n  \"collection\": \"directus_users\",\n  \"fields\": [\n    {\n      \"field\": \"bio\",\n"
        "      \"meta\": {},\n      \"schema\": {},\n      \"type\": \"text\"\n    }\n  ],\n"
        "  \"relations\": []\n}\n");
    assert_string_equal(file_text(&files, "translations.json"), "[]\n");
    const char *flow = NULL, *policy = NULL;
    for (size_t i = 0; i < files.count; i++) {
        if (str_starts(files.items[i].path, "flows/a-b-"))
            flow = files.items[i].text;
        if (str_starts(files.items[i].path, "policies/") && strstr(files.items[i].text, "diteurs"))
            policy = files.items[i].text;
    }
    assert_non_null(flow);
    assert_null(strstr(flow, "\"flow\""));
    assert_true(strstr(flow, FIRST "\",\n      \"key\"") < strstr(flow, "\"key\": \"b\""));
    assert_non_null(policy);
    assert_null(strstr(policy, "\"policy\""));
    assert_non_null(strstr(policy, "\"role\": \"" ROLE "\""));
    arena_free(&files.arena);
}

static void absent_types_are_not_written(void **state) {
    (void)state;
    AUTO(Snapshot) snapshot = { 0 };
    Files files = { 0 };
    snapshot_of(&snapshot, false, "{'folders':[]}");
    write_files(&snapshot, &files);
    assert_int_equal(files.count, 1);
    assert_string_equal(files.items[0].path, "folders.json");
    arena_free(&files.arena);
}

static void orphans_are_refused(void **state) {
    (void)state;
    Error err = { 0 };
    Files files = { 0 };
    AUTO(Snapshot) snapshot = { 0 };
    snapshot_of(
        &snapshot, false,
        "{'collections':[],'fields':[{'collection':'ghost','field':'a','type':'string'}],'policies':[],"
        "'permissions':[{'policy':null,'collection':'c','action':'read'}]}");
    assert_fault(layout_write(&snapshot, SECTION_COLLECTIONS, keep_file, &files, &err), ERR_REMOTE,
                 "field \"ghost.a\" belongs to the collection \"ghost\", which was not read");
    assert_fault(layout_write(&snapshot, SECTION_ACCESS, keep_file, &files, &err), ERR_REMOTE,
                 "permission \"c read\" belongs to no policy");
    arena_free(&files.arena);
}

static void paths_are_told_apart(void **state) {
    (void)state;
    static const struct {
        const char *path;
        PathKind kind;
        TypeId type;
    } cases[] = {
        { "info.json", PATH_INFO, TYPE_NONE },
        { "removed.jsonl", PATH_REMOVED, TYPE_NONE },
        { ".incomplete", PATH_MARK, TYPE_NONE },
        { ".unrecorded", PATH_MARK, TYPE_NONE },
        { "collections/posts.json", PATH_RECORDS, TYPE_COLLECTIONS },
        { "roles/a.json", PATH_RECORDS, TYPE_ROLES },
        { "policies/a.b.json", PATH_RECORDS, TYPE_POLICIES },
        { "flows/x.json", PATH_RECORDS, TYPE_FLOWS },
        { "dashboards/x.json", PATH_RECORDS, TYPE_DASHBOARDS },
        { "folders.json", PATH_RECORDS, TYPE_FOLDERS },
        { "presets.json", PATH_RECORDS, TYPE_PRESETS },
        { "translations.json", PATH_RECORDS, TYPE_TRANSLATIONS },
        { "settings.json", PATH_RECORDS, TYPE_SETTINGS },
        { "system_fields.json", PATH_RECORDS, TYPE_SYSTEM_FIELDS },
        { "data/posts.json", PATH_DATA, TYPE_NONE },
        { "data/posts/draft.json", PATH_DATA, TYPE_NONE },
        { "sql/pre/001_a.sql", PATH_SQL, TYPE_NONE },
        { "sql/down/001_a.sql", PATH_SQL, TYPE_NONE },
        { "assets/" ROLE "/logo.png", PATH_ASSET, TYPE_NONE },
        { "README.md", PATH_FOREIGN, TYPE_NONE },
        { "roles/a.txt", PATH_FOREIGN, TYPE_NONE },
        { "roles/.json", PATH_FOREIGN, TYPE_NONE },
        { "roles/.hidden.json", PATH_FOREIGN, TYPE_NONE },
        { "roles/sub/a.json", PATH_FOREIGN, TYPE_NONE },
        { "role/a.json", PATH_FOREIGN, TYPE_NONE },
        { "roles.json", PATH_FOREIGN, TYPE_NONE },
        { "x/folders.json", PATH_FOREIGN, TYPE_NONE },
        { "data/posts/a/b.json", PATH_FOREIGN, TYPE_NONE },
        { "data/posts.jsonl", PATH_FOREIGN, TYPE_NONE },
        { "data//a.json", PATH_FOREIGN, TYPE_NONE },
        { "sql/001_a.sql", PATH_FOREIGN, TYPE_NONE },
        { "assets/logo.png", PATH_FOREIGN, TYPE_NONE },
        { "assets/nouuid/logo.png", PATH_FOREIGN, TYPE_NONE },
        { "", PATH_FOREIGN, TYPE_NONE },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        PathInfo info = layout_path(cases[i].path);
        if (info.kind != cases[i].kind || info.type != cases[i].type)
            fail_msg("%s: kind %d type %d", cases[i].path, (int)info.kind, (int)info.type);
    }
    assert_int_equal(layout_path("roles/a.json").section, SECTION_ACCESS);
}

static void shapes_are_checked(void **state) {
    (void)state;
    static const struct {
        const char *path, *text, *message;
    } cases[] = {
        { "roles/a.json", "[]", "s/roles/a.json: a role must be an object" },
        { "roles/a.json", "{'name':'A','parent':null}", "s/roles/a.json: a role needs an \"id\"" },
        { "roles/a.json", "{'id':5,'name':'A'}",
          "s/roles/a.json: (/id): the id of a role is a uuid in lower case" },
        { "roles/a.json", "{'id':'00000000-0000-4000-8000-00000000000A','name':'A'}",
          "(/id): the id of a role is a uuid" },
        { "roles/a.json", "{'id':'$public','name':'A'}", "(/id): the id of a role is a uuid" },
        { "flows/a.json", "{'id':'$administrator','name':'A'}", "(/id): the id of a flow is a uuid" },
        { "roles/a.json", "{'id':'" ROLE "'}", "s/roles/a.json: a role needs \"name\"" },
        { "roles/a.json", "{'id':'" ROLE "','name':'A','users':[]}",
          "(/users): this field is never carried" },
        { "policies/a.json", "{'id':'" POLICY "','name':'A','permissions':{}}",
          "(/permissions): must be an array of permissions" },
        { "policies/a.json", "{'id':'" POLICY "','name':'A','permissions':[7]}",
          "(/permissions/0): a permission must be an object" },
        { "policies/a.json", "{'id':'" POLICY "','name':'A','permissions':[{'collection':'a'}]}",
          "(/permissions/0): a permission needs \"action\"" },
        { "policies/a.json",
          "{'id':'" POLICY "','name':'A','permissions':[{'collection':'a','action':'read','id':4}]}",
          "(/permissions/0/id): permissions are known by content, not by id" },
        { "policies/a.json", "{'id':'" POLICY "','name':'A','roles':[{'policy':'" POLICY "','role':null}]}",
          "(/roles/0/policy): is said by the file the access stands in" },
        { "folders.json", "{}", "s/folders.json: must be an array of folders" },
        { "folders.json", "[{'id':'" FOLDER "','name':'A'}]",
          "s/folders.json: (/0): a folder needs \"parent\"" },
        { "settings.json", "[]", "s/settings.json: settings must be an object" },
        { "settings.json", "{'project_id':'x'}",
          "s/settings.json: (/project_id): this field is never carried" },
        { "settings.json", "{'schema_sync_hash':'x'}", "(/schema_sync_hash): this field is never carried" },
        { "collections/a.json", "{'meta':{}}", "s/collections/a.json: a collection needs \"collection\"" },
        { "collections/a.json", "{'collection':'','meta':{}}", "(/collection): must be a name" },
        { "collections/a.json", "{'collection':'a'}", "a collection needs \"meta\"" },
        { "collections/a.json", "{'collection':'a','meta':null}", "(/meta): must be an object" },
        { "collections/a.json", "{'collection':'a','meta':{},'x/~y':1}",
          "(/x~1~0y): a collection has no such member" },
        { "collections/a.json", "{'collection':'a','meta':{'collection':'b'}}",
          "(/meta/collection): must be \"a\"" },
        { "collections/a.json",
          "{'collection':'a','meta':{},'fields':[{'field':'f','type':'string','schema':{'table':'b'}}]}",
          "(/fields/0/schema/table): must be \"a\", as the collection is called" },
        { "collections/a.json",
          "{'collection':'a','meta':{},'fields':[{'field':'f','type':'string','colour':1}]}",
          "(/fields/0/colour): a field has no such member" },
        { "collections/a.json", "{'collection':'a','meta':{},'fields':[{'field':'f'}]}",
          "(/fields/0): a field needs \"type\"" },
        { "collections/a.json", "{'collection':'a','meta':{},'fields':[{'field':'f','type':5}]}",
          "(/fields/0/type): must be a string" },
        { "collections/a.json", "{'collection':'a','meta':{},'relations':[{'related_collection':'b'}]}",
          "(/relations/0): a relation needs \"field\"" },
        { "collections/u.json", "{'collection':'directus_users','meta':{}}",
          "(/meta): a collection of the system has only" },
        { "system_fields.json", "[{'collection':'directus_users','field':'email','meta':1}]",
          "(/0/meta): a system field has no such" },
        { "README.md", "{}", "s/README.md: no file of schema or configuration" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO(Snapshot) snapshot = { .folder = "s" };
        Error err = { 0 };
        assert_fault(read_text(&snapshot, cases[i].path, cases[i].text, &err), ERR_FILES, cases[i].message);
    }
}

static void twins_are_refused(void **state) {
    (void)state;
    Error err = { 0 };
    AUTO(Snapshot) ids = { 0 };
    assert_ok(read_text(&ids, "roles/b.json", "{'id':'" ROLE "','name':'B','parent':null}", &err));
    assert_ok(read_text(&ids, "roles/a.json", "{'id':'" ROLE "','name':'A','parent':null}", &err));
    assert_fault(layout_finish(&ids, &err), ERR_FILES,
                 "roles/a.json and roles/b.json: two roles with the id \"" ROLE "\"");
    AUTO(Snapshot) nested = { .folder = "schema" };
    assert_ok(read_text(&nested, "flows/a.json",
                        "{'id':'" FLOW "','name':'A','operation':null,'operations':[{'id':'" FIRST
                        "','key':'a'},"
                        "{'id':'" FIRST "','key':'b'}]}",
                        &err));
    assert_fault(layout_finish(&nested, &err), ERR_FILES,
                 "schema/flows/a.json (/operations/0) and schema/flows/a.json (/operations/1): two "
                 "operations with the id");
    AUTO(Snapshot) keys = { 0 };
    assert_ok(read_text(&keys, "collections/a.json", "{'collection':'posts','meta':{}}", &err));
    assert_ok(read_text(&keys, "collections/b.json", "{'collection':'posts','meta':{}}", &err));
    assert_fault(layout_finish(&keys, &err), ERR_FILES,
                 "collections/a.json and collections/b.json: two collections with the key \"posts\"");
    AUTO(Snapshot) fields = { 0 };
    assert_ok(read_text(&fields, "collections/a.json",
                        "{'collection':'posts','meta':{},'fields':[{'field':'a','type':'string'},{'field':'a'"
                        ",'type':'text'}]}",
                        &err));
    assert_fault(layout_finish(&fields, &err), ERR_FILES, "two fields with the key \"posts.a\"");
}

static void equal_permissions_are_no_twins(void **state) {
    (void)state;
    Error err = { 0 };
    AUTO(Snapshot) snapshot = { 0 };
    assert_ok(read_text(&snapshot, "policies/a.json",
                        "{'id':'" POLICY "','name':'A','permissions':[{'collection':'a','action':'read'},"
                        "{'collection':'a','action':'read'}]}",
                        &err));
    assert_ok(layout_finish(&snapshot, &err));
    assert_int_equal(snapshot.types[TYPE_PERMISSIONS].count, 2);
    assert_string_equal(snapshot.types[TYPE_PERMISSIONS].items[0].origin, "policies/a.json#/permissions/0");
}

static void references_must_lead_somewhere(void **state) {
    (void)state;
    static const struct {
        const char *path, *text, *message;
    } cases[] = {
        { "roles/a.json", "{'id':'" ROLE "','name':'A','parent':'" GONE "'}",
          "roles/a.json: (/parent): the files have no role \"" GONE "\"" },
        { "policies/a.json", "{'id':'" POLICY "','name':'A','roles':[{'role':'" GONE "'}]}",
          "policies/a.json: (/roles/0/role): the files have no role \"" GONE "\"" },
        { "flows/a.json", "{'id':'" FLOW "','name':'A','operation':'" GONE "'}",
          "(/operation): the files have no operation" },
        { "flows/a.json",
          "{'id':'" FLOW "','name':'A','operation':null,'operations':[{'id':'" FIRST
          "','key':'k','reject':'" GONE "'}]}",
          "(/operations/0/reject): the files have no operation" },
        { "folders.json", "[{'id':'" FOLDER "','name':'A','parent':'" GONE "'}]",
          "folders.json: (/0/parent): the files have no folder" },
        { "collections/a.json", "{'collection':'a','meta':{'group':'g'}}",
          "(/meta/group): the files have no collection \"g\"" },
        { "collections/a.json",
          "{'collection':'a','meta':{},'relations':[{'field':'f','related_collection':'g'}]}",
          "(/relations/0/related_collection): the files have no collection \"g\"" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO(Snapshot) snapshot = { 0 };
        Error err = { 0 };
        assert_ok(read_text(&snapshot, cases[i].path, cases[i].text, &err));
        assert_fault(layout_finish(&snapshot, &err), ERR_FILES, cases[i].message);
    }
}

static void trees_have_a_root(void **state) {
    (void)state;
    static const struct {
        const char *path, *text, *message;
    } cases[] = {
        { "folders.json",
          "[{'id':'" FOLDER "','name':'A','parent':'" ROLE "'},{'id':'" ROLE "','name':'B','parent':'" FOLDER
          "'},{'id':'" GONE "','name':'C','parent':'" ROLE "'}]",
          "/parent): a folder cannot be its own parent: " },
        { "roles/a.json", "{'id':'" ROLE "','name':'A','parent':'" ROLE "'}",
          "roles/a.json: (/parent): a role cannot be its own parent: A › A" },
        { "collections/a.json", "{'collection':'a','meta':{'group':'a'}}",
          "collections/a.json: (/meta/group): a collection cannot be its own parent: a › a" },
        { "collections/a.json",
          "{'collection':'a','meta':{},'fields':["
          "{'field':'f','type':'alias','meta':{'group':'h'}},{'field':'g','type':'alias','meta':{'group':'f'}"
          "},"
          "{'field':'h','type':'alias','meta':{'group':'f'}},{'field':'i','type':'string'}]}",
          "collections/a.json: (/fields/0/meta/group): a field cannot be its own parent: a.f › a.h › a.f" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO(Snapshot) snapshot = { 0 };
        Error err = { 0 };
        assert_ok(read_text(&snapshot, cases[i].path, cases[i].text, &err));
        assert_fault(layout_finish(&snapshot, &err), ERR_FILES, cases[i].message);
    }
}

/* A group is a field of the same collection: one of that name elsewhere is another. */
static void groups_stay_in_their_collection(void **state) {
    (void)state;
    Error err = { 0 };
    AUTO(Snapshot) snapshot = { 0 };
    assert_ok(read_text(&snapshot, "collections/a.json",
                        "{'collection':'a','meta':{},'fields':["
                        "{'field':'f','type':'alias','meta':{'group':'g'}},{'field':'g','type':'alias'}]}",
                        &err));
    assert_ok(read_text(&snapshot, "collections/b.json",
                        "{'collection':'b','meta':{},'fields':["
                        "{'field':'f','type':'alias'},{'field':'g','type':'alias','meta':{'group':'f'}}]}",
                        &err));
    assert_ok(layout_finish(&snapshot, &err));
}

static void reserved_records_need_no_file(void **state) {
    (void)state;
    Error err = { 0 };
    AUTO(Snapshot) snapshot = { 0 };
    assert_ok(
        read_text(&snapshot, "roles/a.json", "{'id':'" ROLE "','name':'A','parent':'$administrator'}", &err));
    assert_ok(layout_finish(&snapshot, &err));
    AUTO(Snapshot) wrong = { 0 };
    assert_ok(read_text(&wrong, "roles/a.json", "{'id':'" ROLE "','name':'A','parent':'$public'}", &err));
    assert_fault(layout_finish(&wrong, &err), ERR_FILES, "(/parent): the files have no role \"$public\"");
}

static void references_out_of_the_state_are_let_through(void **state) {
    (void)state;
    Error err = { 0 };
    AUTO(Snapshot) snapshot = { 0 };
    /* files are not in the state, and neither are folders and roles in this one */
    assert_ok(read_text(&snapshot, "settings.json",
                        "{'project_logo':'" GONE "','storage_default_folder':'" GONE
                        "','public_registration_role':'" GONE "'}",
                        &err));
    assert_ok(
        read_text(&snapshot, "presets.json", "[{'collection':'a','bookmark':null,'role':'" GONE "'}]", &err));
    assert_ok(read_text(
        &snapshot, "collections/a.json",
        "{'collection':'a','meta':{},'relations':[{'field':'f','related_collection':'directus_files'}]}",
        &err));
    assert_ok(layout_finish(&snapshot, &err));
    assert_true(snapshot.present[TYPE_SETTINGS]);
    assert_false(snapshot.present[TYPE_ROLES]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_and_back_change_nothing),
        cmocka_unit_test(the_order_of_records_makes_no_difference),
        cmocka_unit_test(files_look_as_the_design_says),
        cmocka_unit_test(absent_types_are_not_written),
        cmocka_unit_test(orphans_are_refused),
        cmocka_unit_test(paths_are_told_apart),
        cmocka_unit_test(shapes_are_checked),
        cmocka_unit_test(twins_are_refused),
        cmocka_unit_test(equal_permissions_are_no_twins),
        cmocka_unit_test(references_must_lead_somewhere),
        cmocka_unit_test(trees_have_a_root),
        cmocka_unit_test(groups_stay_in_their_collection),
        cmocka_unit_test(reserved_records_need_no_file),
        cmocka_unit_test(references_out_of_the_state_are_let_through),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
