#include "model/id_places.h"

#include "snapshots.h"

/* "roles 00…01 at permissions/_and/0/…" a line each, in the order of the walk. */
static void list(const IdPlace *place, void *context) {
    Buf *out = context;
    buf_printf(out, "%s %.2s:",
               place->target == TYPE_USERS   ? "users"
               : place->target == TYPE_FILES ? "files"
                                             : catalog_row(place->target)->name,
               place->id + 34);
    for (const char *const *step = place->steps; *step; step++)
        buf_printf(out, "/%s", *step);
    buf_puts(out, place->whole ? "\n" : " within\n");
}

static void assert_places(const char *snapshot_text, const char *expected) {
    AUTO(Snapshot) snapshot = { 0 };
    AUTO(Buf) out = { 0 }, text = { 0 };
    for (const char *c = snapshot_text; *c; c++) /* #01 stands for an id that ends so */
        if (*c == '#')
            buf_puts(&text, "00000000-0000-0000-0000-0000000000");
        else
            buf_putc(&text, *c);
    bool sections[SECTION_COUNT];
    for (size_t i = 0; i < SECTION_COUNT; i++)
        sections[i] = true;
    snapshot_of(&snapshot, false, buf_text(&text));
    id_places(&snapshot, sections, list, &out);
    assert_string_equal(buf_text(&out), expected);
}

static void filters(void **state) {
    (void)state;
    assert_places(
        "{'relations': ["
        "  {'collection': 'posts', 'field': 'author', 'related_collection': 'directus_users', 'meta': {}},"
        "  {'collection': 'posts', 'field': 'image', 'related_collection': 'directus_files', 'meta': {}},"
        "  {'collection': 'notes', 'field': 'post', 'related_collection': 'posts',"
        "   'meta': {'one_field': 'notes'}},"
        "  {'collection': 'notes', 'field': 'team', 'related_collection': 'directus_roles', 'meta': {}}],"
        " 'permissions': [{'policy': '#aa', 'collection': 'posts', 'action': 'read',"
        "   'permissions': {'_and': [{'author': {'_eq': '#01'}},"
        "     {'_or': [{'author': {'role': {'_in': ['#02', '#03']}}}, {'title': {'_eq': '#04'}}]},"
        "     {'notes': {'_some': {'team': {'_neq': '#05'}}}},"
        "     {'notes': {'team': {'id': {'_eq': '#06'}}}},"
        "     {'author': {'_eq': '$CURRENT_USER'}}]},"
        "   'presets': {'image': '#07', 'title': '#08'}}],"
        " 'presets': [{'collection': 'directus_files', 'bookmark': null, 'role': '#09',"
        "   'filter': {'folder': {'_eq': '#10'}}}]}",
        "users 01:/permissions/_and/0/author/_eq\n"
        "roles 02:/permissions/_and/1/_or/0/author/role/_in/0\n"
        "roles 03:/permissions/_and/1/_or/0/author/role/_in/1\n"
        "roles 05:/permissions/_and/2/notes/_some/team/_neq\n"
        "roles 06:/permissions/_and/3/notes/team/id/_eq\n"
        "files 07:/presets/image\n"
        "folders 10:/filter/folder/_eq\n");
}

static void options(void **state) {
    (void)state;
    assert_places(
        "{'relations': ["
        "  {'collection': 'posts', 'field': 'team', 'related_collection': 'directus_roles', 'meta': {}}],"
        " 'fields': [{'collection': 'posts', 'field': 'image', 'meta': {"
        "   'options': {'folder': '#01', 'help': 'see https://x/assets/#02?a and /assets/#03'},"
        "   'conditions': [{'options': {'folder': '#04'}, 'rule': {'team': {'_eq': '#05'}}}],"
        "   'validation': {'_and': [{'team': {'_eq': '#06'}}]}}}],"
        " 'settings': [{'custom_css': 'url(/assets/#07)', 'project_logo': '#08'}],"
        " 'operations': ["
        "  {'id': '#a1', 'flow': 'f', 'key': 'a', 'type': 'trigger', 'options': {'flow': '#11'}},"
        "  {'id': '#a2', 'flow': 'f', 'key': 'b', 'type': 'log', 'options': {'flow': '#12'}},"
        "  {'id': '#a3', 'flow': 'f', 'key': 'c', 'type': 'notification', 'options': {'recipient': ['#13']}},"
        "  {'id': '#a4', 'flow': 'f', 'key': 'd', 'type': 'item-update', 'options': {"
        "    'collection': 'posts', 'permissions': '#14', 'query': {'filter': {'team': {'_eq': '#15'}}},"
        "    'payload': {'team': '#16'}}},"
        "  {'id': '#a5', 'flow': 'f', 'key': 'e', 'type': 'x', 'options': null}],"
        " 'panels': [{'id': '#b1', 'dashboard': 'd', 'options': {"
        "   'collection': 'posts', 'filter': {'team': {'_eq': '#17'}}}}]}",
        "roles 06:/meta/validation/_and/0/team/_eq\n"
        "folders 01:/meta/options/folder\n"
        "folders 04:/meta/conditions/0/options/folder\n"
        "roles 05:/meta/conditions/0/rule/team/_eq\n"
        "files 02:/meta/options/help within\n"
        "files 03:/meta/options/help within\n"
        "flows 11:/options/flow\n"
        "users 13:/options/recipient/0\n"
        "roles 14:/options/permissions\n"
        "roles 15:/options/query/filter/team/_eq\n"
        "roles 16:/options/payload/team\n"
        "roles 17:/options/filter/team/_eq\n"
        "files 07:/custom_css within\n");
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(filters), cmocka_unit_test(options) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
