/* The question before something is written to a protected environment. */
#ifndef SCHEMA_SYNC_CLI_CONFIRM_H
#define SCHEMA_SYNC_CLI_CONFIRM_H

#include "cli/command.h"

/* On a terminal a protected environment asks for its name, unless --yes was given: the hand that types it has
 * read where it is going. `doing`: "import into". ERR_REFUSED when something else is typed. */
bool confirm_protected(const Invocation *invocation, const char *doing, Error *err);

#endif
