#include "unit/model/snapshots.h"

#include "model/extensions.h"

static void what_directus_brings(void **state) {
    (void)state;
    static const struct {
        ExtensionKind kind;
        const char *id;
        int major;
        bool brought;
    } cases[] = {
        { EXTENSION_INTERFACE, "input", 10, true },
        { EXTENSION_INTERFACE, "list-m2a", 11, true },
        { EXTENSION_INTERFACE, "system-anything", 11, true },
        { EXTENSION_INTERFACE, "header", 10, false }, /* came with 11 */
        { EXTENSION_INTERFACE, "header", 11, true },
        { EXTENSION_INTERFACE, "inpu", 11, false },
        { EXTENSION_INTERFACE, "put", 11, false },
        { EXTENSION_INTERFACE, "input list", 11, false },
        { EXTENSION_INTERFACE, "", 11, false },
        { EXTENSION_INTERFACE, "11", 11, false },
        { EXTENSION_INTERFACE, "kanban", 11, false }, /* a layout */
        { EXTENSION_LAYOUT, "kanban", 11, true },
        { EXTENSION_DISPLAY, "related-values", 11, true },
        { EXTENSION_PANEL, "time-series", 11, true },
        { EXTENSION_OPERATION, "throw-error", 11, true },
        { EXTENSION_MODULE, "flows", 11, false },
        { EXTENSION_MODULE, "flows", 12, true },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (extension_is_built_in(cases[i].kind, cases[i].id, cases[i].major) != cases[i].brought)
            fail_msg("%s %s in %d", extension_kind_name(cases[i].kind), cases[i].id, cases[i].major);
}

static void each_place_is_searched(void **state) {
    (void)state;
    AUTO(Arena) arena = { 0 };
    AUTO(Snapshot) files = { 0 };
    snapshot_of(&files, false,
                "{'fields':[{'collection':'a','field':'a','meta':{'interface':'seo','display':'stars'}},"
                "{'collection':'a','field':'b','meta':{'interface':'seo','display':'raw'}},"
                "{'collection':'a','field':'c','meta':{'interface':'list','options':{'fields':[{'field':'x',"
                "'meta':{'interface':'deep'}}]}}},{'collection':'a','field':'d','meta':null}],"
                "'presets':[{'collection':'a','layout':'gantt'},{'collection':'a','layout':null}],"
                "'panels':[{'id':'p','type':'gauge'},{'id':'q','type':'label'}],"
                "'operations':[{'id':'o','type':'sms'}],"
                "'settings':[{'module_bar':[{'type':'link','id':'docs'},{'type':'module','id':'shop',"
                "'enabled':true},{'type':'module','id':'off','enabled':false}]}]}");
    ExtensionUses uses = extensions_used(&files, 11, &arena);
    static const struct {
        ExtensionKind kind;
        const char *id;
        size_t count;
    } expected[] = { { EXTENSION_INTERFACE, "seo", 2 },  { EXTENSION_DISPLAY, "stars", 1 },
                     { EXTENSION_INTERFACE, "deep", 1 }, { EXTENSION_LAYOUT, "gantt", 1 },
                     { EXTENSION_PANEL, "gauge", 1 },    { EXTENSION_OPERATION, "sms", 1 },
                     { EXTENSION_MODULE, "shop", 1 } };
    assert_int_equal(uses.count, sizeof expected / sizeof *expected);
    for (size_t i = 0; i < uses.count; i++) {
        const ExtensionUse *use = extensions_find(&uses, expected[i].kind, expected[i].id);
        if (!use)
            fail_msg("%s", expected[i].id);
        assert_int_equal(use->count, expected[i].count);
        assert_non_null(use->record->origin);
    }
    assert_null(extensions_find(&uses, EXTENSION_DISPLAY, "seo"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_directus_brings),
        cmocka_unit_test(each_place_is_searched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
