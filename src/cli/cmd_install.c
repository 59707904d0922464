#include <stdio.h>

#include "cli/command.h"
#include "cli/report.h"
#include "sync/sync.h"

static const OptionRow options[] = {
    { "print-sql", 0, OPTION_FLAG, NULL, "Print the SQL for a database administrator and do nothing." },
    { 0 },
};

static bool run(const Invocation *invocation, Error *err) {
    const Config *config = &invocation->config;
    bool print_sql = option_given(invocation, "print-sql");
    AUTO(Buf) sql = { 0 };
    AUTO(Arena) arena = { 0 };
    if ((!print_sql && !config_need_database(config, err)) || !sync_install(config, print_sql, &sql, err))
        return false;
    if (invocation->json) {
        JsonObjectBuilder object = report_begin(config, &arena);
        json_object_put(&object, "installed", json_bool(!print_sql));
        report_put_text(&object, "sql", print_sql ? buf_text(&sql) : NULL);
        report_print(&object);
    } else if (print_sql) {
        report_put(&sql);
    } else {
        AUTO(Buf) name = { 0 };
        report_instance(config, &name);
        printf("%s: the marker columns are in place\n", buf_text(&name));
    }
    return true;
}

const CommandRow command_install = {
    .name = "install",
    .summary = "marker columns on the target",
    .description =
        "Adds the columns schema_sync_… to directus_settings in the target's database: there the marker says "
        "which state "
        "was applied, and there importers keep each other out. They stay out of Directus's own schema "
        "snapshots. import adds them itself where its database role may; this is for those where it may not. "
        "Running it "
        "again changes nothing.\n\n"
        "  schema-sync --env prod install\n"
        "  schema-sync install --print-sql | psql \"$DATABASE_URL\"",
    .arguments = "",
    .options = options,
    .needs = NEED_CONFIG,
    .run = run,
};
