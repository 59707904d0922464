#include "unit/unit.h"

#include "base/str.h"
#include "model/catalog.h"

static void rows_stand_at_their_id(void **state) {
    (void)state;
    for (TypeId type = 0; type < TYPE_COUNT; type++) {
        const CatalogRow *row = catalog_row(type);
        assert_int_equal(row->id, type);
        assert_non_null(row->name);
        assert_non_null(row->singular);
        assert_non_null(row->collection);
        assert_non_null(row->never);
        assert_true(row->section < SECTION_COUNT);
        assert_int_equal(catalog_is_schema(type), type <= TYPE_SYSTEM_FIELDS);
    }
}

static void lists_have_their_end_mark(void **state) {
    (void)state;
    for (TypeId type = 0; type < TYPE_COUNT; type++) {
        size_t count = 0;
        while (count < CATALOG_REFERENCES && catalog_row(type)->references[count].field)
            count++;
        assert_in_range(count, 0, CATALOG_REFERENCES - 1);
    }
}

/* A record stands either in a file of its own type or in its parent's, under a name that is free there. */
static void every_record_has_one_place(void **state) {
    (void)state;
    for (TypeId type = 0; type < TYPE_COUNT; type++) {
        const CatalogRow *row = catalog_row(type);
        assert_int_equal(row->file == NULL, row->parent != TYPE_NONE);
        assert_int_equal(row->member == NULL, row->parent == TYPE_NONE);
        if (row->parent == TYPE_NONE)
            continue;
        assert_non_null(catalog_row(row->parent)->file);
        assert_int_equal(catalog_row(row->parent)->section, row->section);
        assert_non_null(row->parent_field);
        if (!catalog_is_schema(type)) {
            assert_int_equal(catalog_reference(type, row->parent_field)->target, row->parent);
            assert_true(catalog_never_carried(row->parent, row->member)); /* the alias of that name */
        }
    }
}

/* What is written first may only be referred to by what comes later; links that run backwards are written
 * twice. */
static void references_run_backwards_or_are_deferred(void **state) {
    (void)state;
    for (TypeId type = 0; type < TYPE_COUNT; type++)
        for (const Reference *reference = catalog_row(type)->references; reference->field; reference++)
            if (reference->target < TYPE_COUNT && reference->target >= type)
                assert_true(reference->deferred);
}

static void natural_keys_are_carried(void **state) {
    (void)state;
    for (TypeId type = 0; type < TYPE_COUNT; type++)
        for (size_t i = 0; i < CATALOG_KEYS && catalog_row(type)->key[i]; i++)
            assert_false(catalog_never_carried(type, catalog_row(type)->key[i]));
}

static void finds_by_both_names(void **state) {
    (void)state;
    assert_int_equal(catalog_find("permissions"), TYPE_PERMISSIONS);
    assert_int_equal(catalog_find("directus_permissions"), TYPE_PERMISSIONS);
    assert_int_equal(catalog_find("system_fields"), TYPE_SYSTEM_FIELDS);
    assert_int_equal(catalog_find("directus_fields"), TYPE_FIELDS);
    assert_int_equal(catalog_find("directus_users"), TYPE_USERS);
    assert_int_equal(catalog_find("directus_files"), TYPE_FILES);
    assert_int_equal(catalog_find("users"), TYPE_NONE);
    assert_int_equal(catalog_find("posts"), TYPE_NONE);
}

static void secrets_and_own_columns_are_never_carried(void **state) {
    (void)state;
    static const char *const never[] = { "id",
                                         "project_id",
                                         "project_url",
                                         "mapbox_key",
                                         "license_token",
                                         "ai_openai_api_key",
                                         "ai_of_tomorrow_api_key",
                                         "ai_openai_compatible_headers",
                                         "schema_sync_hash",
                                         "schema_sync_of_tomorrow" };
    for (size_t i = 0; i < sizeof never / sizeof *never; i++)
        assert_true(catalog_never_carried(TYPE_SETTINGS, never[i]));
    assert_false(catalog_never_carried(TYPE_SETTINGS, "project_name"));
    assert_false(catalog_never_carried(TYPE_SETTINGS, "ai_openai_allowed_models"));
    assert_true(catalog_never_carried(TYPE_ACCESS, "user"));
    assert_true(catalog_never_carried(TYPE_PRESETS, "user"));
    assert_true(catalog_never_carried(TYPE_PERMISSIONS, "system"));
    assert_false(catalog_never_carried(TYPE_PERMISSIONS, "schema_sync_hash"));
}

static void sections_have_names(void **state) {
    (void)state;
    for (SectionId section = 0; section < SECTION_COUNT; section++)
        assert_non_null(section_name(section));
    assert_string_equal(section_name(catalog_row(TYPE_OPERATIONS)->section), "flows");
    assert_string_equal(section_name(catalog_row(TYPE_ROLES)->section), "access");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_stand_at_their_id),
        cmocka_unit_test(lists_have_their_end_mark),
        cmocka_unit_test(every_record_has_one_place),
        cmocka_unit_test(references_run_backwards_or_are_deferred),
        cmocka_unit_test(natural_keys_are_carried),
        cmocka_unit_test(finds_by_both_names),
        cmocka_unit_test(secrets_and_own_columns_are_never_carried),
        cmocka_unit_test(sections_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
