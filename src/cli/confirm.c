#include "cli/confirm.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool confirm_protected(const Invocation *invocation, const char *doing, Error *err) {
    const Config *config = &invocation->config;
    if (!config->protected_environment || invocation->yes || !isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
        return true;
    fflush(stdout);
    fprintf(stderr, "%s (%s) is protected. Type \"%s\" to %s it: ", config->environment, config->url,
            config->environment, doing);
    fflush(stderr);
    char answer[256] = "";
    if (!fgets(answer, sizeof answer, stdin))
        answer[0] = '\0';
    answer[strcspn(answer, "\n")] = '\0';
    if (strcmp(answer, config->environment) == 0)
        return true;
    error_set(err, ERR_REFUSED, "to %s %s was not confirmed", doing, config->environment);
    return error_hint(err, "nothing was written; type the environment's name, or give --yes");
}
