#include "cli/command.h"
#include "cli/report.h"
#include "sync/sync.h"

static bool run(const Invocation *invocation, Error *err) {
    SealResult result = { 0 };
    if (!sync_seal(&invocation->config, &result, err))
        return false;
    if (invocation->json) {
        AUTO(Arena) arena = { 0 };
        JsonObjectBuilder object = report_begin(&invocation->config, &arena);
        report_put_text(&object, "hash", result.hash);
        report_put_text(&object, "commit", result.commit);
        report_put_count(&object, "commits", result.commits);
        report_print(&object);
        return true;
    }
    AUTO(Buf) text = { 0 };
    report_files(&invocation->config, &text);
    buf_printf(&text, " sealed as of commit %.12s, ", result.commit);
    report_count(result.commits, "commit", "commits", &text);
    buf_puts(&text, " of history, hash ");
    buf_puts(&text, result.hash);
    buf_putc(&text, '\n');
    report_put(&text);
    return true;
}

const CommandRow command_seal = {
    .name = "seal",
    .summary = "manifest and lineage for images without .git",
    .description =
        "Writes two files beside schema-sync.json, for an image or a tarball that carries no .git: "
        "schema-sync.manifest, which an import checks every file against, and schema-sync.lineage, the "
        "commits that the state comes from, by which an import knows whether a target is older or newer. Run "
        "it where the repository is, with its whole history, after the state was committed; both files "
        "belong "
        "into the image and not into git.\n\n"
        "  schema-sync seal && docker build .",
    .arguments = "",
    .needs = NEED_CONFIG,
    .run = run,
};
