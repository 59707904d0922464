#include "directus/fields.h"

#include <string.h>

#include "base/str.h"

/* GET /fields of 11.17.4, and what 10.13.4 had in its place or 12.4.0 has beyond it: columns only. A space
 * before and behind each name, so that one strstr finds it. */
static const char *const built_in[TYPE_COUNT] = {
    [TYPE_FOLDERS] = " id name parent type ",
    [TYPE_ROLES] = " id name icon description parent ip_access enforce_tfa admin_access app_access ",
    [TYPE_POLICIES] = " id name icon description ip_access enforce_tfa admin_access app_access ",
    [TYPE_ACCESS] = " id role user policy sort ",
    [TYPE_PERMISSIONS] = " id collection action permissions validation presets fields policy role ",
    [TYPE_SETTINGS] =
        " id project_name project_url project_color project_logo public_foreground public_background "
        "public_note "
        "auth_login_attempts auth_password_policy storage_asset_transform storage_asset_presets custom_css "
        "storage_default_folder basemaps mapbox_key module_bar project_descriptor default_language "
        "custom_aspect_ratios "
        "public_favicon default_appearance default_theme_light theme_light_overrides default_theme_dark "
        "theme_dark_overrides report_error_url report_bug_url report_feature_url public_registration "
        "public_registration_verify_email public_registration_role public_registration_email_filter "
        "visual_editor_urls "
        "project_id mcp_enabled mcp_allow_deletes mcp_prompts_collection mcp_system_prompt_enabled "
        "mcp_system_prompt "
        "project_owner project_usage org_name product_updates project_status ai_system_prompt "
        "ai_openai_compatible_base_url "
        "ai_openai_compatible_name ai_openai_compatible_models ai_openai_allowed_models "
        "ai_anthropic_allowed_models "
        "ai_google_allowed_models collaborative_editing_enabled ai_translation_default_model "
        "ai_translation_glossary ai_translation_style_guide mcp_oauth_enabled mcp_oauth_dcr_enabled "
        "mcp_oauth_cimd_enabled default_save_action ",
    [TYPE_TRANSLATIONS] = " id language key value ",
    [TYPE_PRESETS] =
        " id bookmark user role collection search layout layout_query layout_options refresh_interval filter "
        "icon color ",
    [TYPE_DASHBOARDS] = " id name icon note date_created user_created color ",
    [TYPE_PANELS] =
        " id dashboard name icon color show_header note type position_x position_y width height options "
        "date_created user_created ",
    [TYPE_FLOWS] =
        " id name icon color description status trigger accountability options operation date_created "
        "user_created folder ",
    [TYPE_OPERATIONS] =
        " id name key type position_x position_y options resolve reject flow date_created user_created ",
};

/* Of these, what 11 has not, and 12 up to 12.4 not all of. */
static const char settings_since_12_4[] =
    " ai_translation_default_model ai_translation_glossary ai_translation_style_guide mcp_oauth_enabled "
    "mcp_oauth_dcr_enabled mcp_oauth_cimd_enabled default_save_action ";
static const char *const since_12_4[TYPE_COUNT] = {
    [TYPE_FOLDERS] = " type ",
    [TYPE_SETTINGS] = settings_since_12_4,
    [TYPE_FLOWS] = " folder ",
};

/* What 10 had and 11 has no more. */
static const char *const until_10[TYPE_COUNT] = {
    [TYPE_ROLES] = " ip_access enforce_tfa admin_access app_access ",
    [TYPE_PERMISSIONS] = " role ",
};

static bool is_listed(const char *list, const char *name) {
    size_t length = strlen(name);
    if (!list || length == 0 || strchr(name, ' '))
        return false;
    for (const char *at = list; (at = strstr(at, name)); at++)
        if (at[-1] == ' ' && at[length] == ' ')
            return true;
    return false;
}

bool field_is_built_in(TypeId type, const char *name) {
    return is_listed(built_in[type], name);
}

bool field_is_known(const Version *version, TypeId type, const char *name) {
    return is_listed(built_in[type], name) &&
           (version->has_flow_folders || !is_listed(since_12_4[type], name));
}

/* No migration of 11 or 12 up to 12.4.0 took a field of these types away; those that brought some are above.
 */
bool field_is_certain(const Version *version, TypeId type, const char *name) {
    return version->has_policies && type != TYPE_SETTINGS && field_is_known(version, type, name) &&
           !is_listed(until_10[type], name);
}

bool field_is_carried(const Json *description) {
    static const char *const left_out[] = { "conceal",      "hash",         "encrypt",      "user-created",
                                            "user-updated", "date-created", "date-updated", NULL };
    const Json *meta = json_get(description, "meta"), *special = json_get(meta, "special");
    const char *type = json_get_text(description, "type");
    if (!json_is(meta, JSON_OBJECT) || !type || strcmp(type, "alias") == 0 || strcmp(type, "unknown") == 0 ||
        strcmp(type, "binary") == 0)
        return false;
    for (uint32_t i = 0; json_is(special, JSON_ARRAY) && i < special->count; i++)
        for (size_t j = 0; left_out[j]; j++)
            if (str_equal(json_text(&special->as.items[i]), left_out[j]))
                return false;
    return true;
}

const Json *field_find(const Json *descriptions, const char *collection, const char *name) {
    for (uint32_t i = 0; json_is(descriptions, JSON_ARRAY) && i < descriptions->count; i++) {
        const Json *description = &descriptions->as.items[i];
        if (str_equal(json_get_text(description, "collection"), collection) &&
            str_equal(json_get_text(description, "field"), name))
            return description;
    }
    return NULL;
}
