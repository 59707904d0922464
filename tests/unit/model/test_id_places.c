#include "model/id_places.h"

#include "snapshots.h"

#define ID(n) "00000000-0000-0000-0000-0000000000" n

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
    AUTO(Buf) out = { 0 };
    bool sections[SECTION_COUNT];
    for (size_t i = 0; i < SECTION_COUNT; i++)
        sections[i] = true;
    snapshot_of(&snapshot, false, snapshot_text);
    id_places(&snapshot, sections, list, &out);
    assert_string_equal(buf_text(&out), expected);
}

static void filters(void **state) {
    (void)state;
    assert_places("{'relations': ["
                  "  {'collection': 'posts', 'field': 'author', 'related_collection': 'directus_users', "
                  "'meta': {}},"
                  "  {'collection': 'posts', 'field': 'image', 'related_collection': 'directus_files', "
                  "'meta': {}},"
                  "  {'collection': 'notes', 'field': 'post', 'related_collection': 'posts', 'meta': "
                  "{'one_field': 'notes'}},"
                  "  {'collection': 'notes', 'field': 'team', 'related_collection': 'directus_roles', "
                  "'meta': {}}],"
                  " 'permissions': [{'policy': '" ID(
                      "aa") "', 'collection': 'posts', 'action': 'read',"
                            "   'permissions': {'_and': [{'author': {'_eq': '" ID(
                                "01") "'}},"
                                      "     {'_or': [{'author': {'role': {'_in': ['" ID("02") "', '" ID("03") "']}}}, {'title': {'_eq': '" ID(
                                          "04") "'}}]},"
                                                "     {'notes': "
                                                "{'_some': {'team': "
                                                "{'_neq': '" ID("05") "'}}}}, {'notes': {'team': {'id': "
                                                                      "{'_eq': '" ID(
                                                                          "06") "'}}}},"
                                                                                "     "
                                                                                "{'author': "
                                                                                "{'_eq': "
                                                                                "'$CURRENT_"
                                                                                "USER'}}]},"
                                                                                "   "
                                                                                "'presets': "
                                                                                "{'image': "
                                                                                "'" ID("07") "', 'title': "
                                                                                             "'" ID(
                                                                                                 "08") "'}"
                                                                                                       "}]"
                                                                                                       ","
                                                                                                       " '"
                                                                                                       "pr"
                                                                                                       "es"
                                                                                                       "et"
                                                                                                       "s'"
                                                                                                       ": "
                                                                                                       "[{"
                                                                                                       "'c"
                                                                                                       "ol"
                                                                                                       "le"
                                                                                                       "ct"
                                                                                                       "io"
                                                                                                       "n'"
                                                                                                       ": "
                                                                                                       "'d"
                                                                                                       "ir"
                                                                                                       "ec"
                                                                                                       "tu"
                                                                                                       "s_"
                                                                                                       "fi"
                                                                                                       "le"
                                                                                                       "s'"
                                                                                                       ", "
                                                                                                       "'b"
                                                                                                       "oo"
                                                                                                       "km"
                                                                                                       "ar"
                                                                                                       "k'"
                                                                                                       ": "
                                                                                                       "nu"
                                                                                                       "ll"
                                                                                                       ", "
                                                                                                       "'r"
                                                                                                       "ol"
                                                                                                       "e'"
                                                                                                       ": "
                                                                                                       "'" ID(
                                                                                                           "0"
                                                                                                           "9") "',"
                                                                                                                "   'filter': {'folder': {'_eq': '" ID(
                                                                                                                    "10") "'}}}]}",
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
        "{'relations': [{'collection': 'posts', 'field': 'team', 'related_collection': 'directus_roles', "
        "'meta': {}}],"
        " 'fields': [{'collection': 'posts', 'field': 'image', 'meta': {'options': {'folder': '" ID(
            "01") "',"
                  "     'help': 'see https://x/assets/" ID("02") "?a and /assets/" ID(
                      "03") "'},"
                            "   'conditions': [{'options': {'folder': '" ID(
                                "04") "'}, 'rule': {'team': "
                                      "{'_eq': '" ID(
                                          "05") "'}}}],"
                                                "   "
                                                "'validation': "
                                                "{'_and': "
                                                "[{'team': "
                                                "{'_eq': '" ID(
                                                    "06") "'}}]}}"
                                                          "}],"
                                                          " '"
                                                          "settin"
                                                          "gs': "
                                                          "[{'"
                                                          "custom"
                                                          "_css':"
                                                          " 'url("
                                                          "/asset"
                                                          "s/" ID("07") ")', 'project_logo': '" ID(
                                                              "0"
                                                              "8") "'}],"
                                                                   " 'operations': ["
                                                                   "  {'id': '" ID(
                                                                       "a1") "', 'flow': 'f', 'key': 'a', "
                                                                             "'type': 'trigger', 'options': "
                                                                             "{'flow': '" ID("11") "'}},"
                                                                                                   "  {'id': "
                                                                                                   "'" ID("a"
                                                                                                          "2") "', 'flow': 'f', 'key': 'b', 'type': 'log', 'options': {'flow': '" ID(
                                                                                                       "12") "'}},"
                                                                                                             "  {'id': '" ID("a3") "', 'flow': 'f', 'key': 'c', 'type': 'notification', 'options': {'recipient': ['" ID(
                                                                                                                 "13") "']}},"
                                                                                                                       "  {'id': '" ID(
                                                                                                                           "a4") "', 'flow': 'f', 'key': 'd', 'type': 'item-update', 'options': {'collection': 'posts',"
                                                                                                                                 "    'permissions': '" ID("14") "', 'query': {'filter': {'team': {'_eq': '" ID("15") "'}}}, 'payload': {'team': '" ID(
                                                                                                                                     "16") "'}}},"
                                                                                                                                           "  {'id': '" ID(
                                                                                                                                               "a5") "', 'flow': 'f', 'key': 'e', 'type': 'x', 'options': null}],"
                                                                                                                                                     " 'panels': [{'id': '" ID("b1") "', 'dashboard': 'd', 'options': {'collection': 'posts', 'filter': {'team': {'_eq': '" ID(
                                                                                                                                                         "17") "'}}}}]}",
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
