/* Real projects into files and back: nothing changes, and the second writing has nothing to do. */
#include <dirent.h>

#include "unit/repo/state.h"

static const char *corpus;

static bool load(const char *template, const char *file, Arena *arena, Json *out) {
    AUTO(Buf) path = { 0 };
    AUTO(Buf) text = { 0 };
    Error err = { 0 };
    bool found;
    buf_printf(&path, "%s/templates/%s/src/%s.json", corpus, template, file);
    assert_ok(file_read(buf_text(&path), 0, &text, &found, &err));
    if (found)
        assert_ok(json_parse(arena, text.data, text.length, JSON_SYNTAX, out, &err));
    return found;
}

/* What the catalog carries of a record; the templates' rows still have the rest. */
static void take_record(Snapshot *snapshot, TypeId type, const Json *item) {
    const CatalogRow *row = catalog_row(type);
    JsonObjectBuilder carried = json_object_builder(&snapshot->arena);
    for (uint32_t i = 0; i < item->count; i++)
        if (!catalog_never_carried(type, item->as.members[i].key))
            json_object_put(&carried, item->as.members[i].key, item->as.members[i].value);
    bool orphan = row->parent_field && json_is_null(json_get(item, row->parent_field));
    if (!orphan && json_is_null(json_get(item, "user")))
        snapshot_add(snapshot, type, json_object_done(&carried));
}

static void take_all(Snapshot *snapshot, TypeId type, const Json *items) {
    snapshot->present[type] = true;
    if (json_is(items, JSON_OBJECT))
        take_record(snapshot, type, items);
    for (uint32_t i = 0; json_is(items, JSON_ARRAY) && i < items->count; i++)
        take_record(snapshot, type, &items->as.items[i]);
}

static void load_template(const char *template, Snapshot *snapshot) {
    Json json;
    if (load(template, "schema/snapshot", &snapshot->arena, &json)) {
        const Json *data = json_get(&json, "data") ? json_get(&json, "data") : &json;
        take_all(snapshot, TYPE_COLLECTIONS, json_get(data, "collections"));
        take_all(snapshot, TYPE_FIELDS, json_get(data, "fields"));
        take_all(snapshot, TYPE_RELATIONS, json_get(data, "relations"));
        take_all(snapshot, TYPE_SYSTEM_FIELDS, json_get(data, "systemFields"));
        snapshot->directus = json_get_text(data, "directus");
        snapshot->vendor = json_get_text(data, "vendor");
    }
    if (!snapshot->directus) { /* one of the templates has an empty snapshot */
        snapshot->directus = "11.0.0";
        snapshot->vendor = "postgres";
    }
    for (TypeId type = TYPE_FOLDERS; type < TYPE_COUNT; type++)
        if (load(template, catalog_row(type)->name, &snapshot->arena, &json))
            take_all(snapshot, type, &json);
    snapshot_sort(snapshot);
}

static void write_snapshot(const Project *project, const Snapshot *snapshot, StateWriteResult *result) {
    Error err = { 0 };
    StateWriter *writer = NULL;
    StateWriteOptions options = { 0 };
    assert_ok(state_writer_begin(project->path, "schema", &options, &writer, &err));
    assert_ok(state_writer_snapshot(writer, snapshot, &err));
    assert_ok(state_writer_finish(writer, result, &err));
    state_writer_abandon(&writer);
}

static void check_template(const char *template) {
    AUTO(Project) project;
    AUTO(Snapshot) snapshot = { 0 };
    AUTO(StateWriteResult) first = { 0 };
    AUTO(StateWriteResult) second = { 0 };
    AUTO(State) state = { 0 };
    Error err = { 0 };
    project_make(&project);
    load_template(template, &snapshot);
    assert_true(snapshot_records(&snapshot) > 20);
    write_snapshot(&project, &snapshot, &first);
    assert_ok(state_read(project.path, "schema", &state, &err));
    assert_string_equal(state.hash, first.hash);
    for (TypeId type = 0; type < TYPE_COUNT; type++) {
        assert_int_equal(state.snapshot.types[type].count, snapshot.types[type].count);
        for (size_t i = 0; i < snapshot.types[type].count; i++)
            assert_true(
                json_equal(&state.snapshot.types[type].items[i].json, &snapshot.types[type].items[i].json));
    }
    write_snapshot(&project, &state.snapshot, &second);
    assert_string_equal(buf_text(&second.changes), "");
    print_message("%s: %zu records in %zu files\n", template, snapshot_records(&snapshot), first.files);
}

static void every_template(void **test) {
    (void)test;
    AUTO(Buf) path = { 0 };
    size_t count = 0;
    buf_printf(&path, "%s/templates", corpus);
    DIR *dir = opendir(buf_text(&path));
    assert_non_null(dir);
    for (const struct dirent *entry; (entry = readdir(dir));) {
        if (entry->d_name[0] == '.')
            continue;
        check_template(entry->d_name);
        count++;
    }
    closedir(dir);
    assert_true(count >= 5);
}

int main(void) {
    corpus = getenv("SCHEMA_SYNC_CORPUS");
    if (!corpus || !*corpus) {
        puts("skipped: SCHEMA_SYNC_CORPUS does not name the folder with the project templates");
        return TEST_SKIPPED;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_template),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
