/* A child killed before one of its system calls that change files. */
#ifndef SCHEMA_SYNC_TESTS_KILL_H
#define SCHEMA_SYNC_TESTS_KILL_H

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/ptrace.h>

#include "unit/unit.h"

static inline bool changes_files(const struct ptrace_syscall_info *info) {
    uint64_t call = info->entry.nr;
    static const uint64_t calls[] = {
        SYS_write,   SYS_pwrite64,        SYS_fsync,  SYS_renameat,  SYS_renameat2, SYS_unlinkat,
        SYS_mkdirat, SYS_sync_file_range, SYS_linkat, SYS_utimensat, SYS_fchmod,    SYS_ftruncate,
#ifdef SYS_rename /* the older forms, where the machine has them */
        SYS_rename,  SYS_unlink,          SYS_mkdir,  SYS_link,      SYS_open,      SYS_chmod,
#endif
    };
    if (call == SYS_openat) /* for reading changes nothing */
        return (info->entry.args[2] & (O_WRONLY | O_RDWR | O_CREAT)) != 0;
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        if (calls[i] == call)
            return true;
    return false;
}

/* In the child: from here on its calls are counted. */
static inline void kill_here(void) {
    ptrace(PTRACE_TRACEME, 0, NULL, NULL);
    raise(SIGSTOP);
}

/* Runs `child`, which calls kill_here() and exits with 0, and kills it before its call number `at`; false
 * when it had ended before. */
static inline bool kill_at(void (*child)(const void *), const void *context, unsigned at) {
    unsigned seen = 0;
    int status;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        child(context);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSTOPPED(status));
    assert_int_equal(
        ptrace(PTRACE_SETOPTIONS, pid, NULL, (void *)(PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL)), 0);
    for (;;) {
        struct ptrace_syscall_info info = { 0 };
        assert_int_equal(ptrace(PTRACE_SYSCALL, pid, NULL, NULL), 0);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        if (WIFEXITED(status)) {
            assert_int_equal(WEXITSTATUS(status), 0);
            return false;
        }
        assert_true(WIFSTOPPED(status));
        ptrace(PTRACE_GET_SYSCALL_INFO, pid, (void *)sizeof info, &info);
        if (info.op != PTRACE_SYSCALL_INFO_ENTRY || !changes_files(&info) || ++seen < at)
            continue;
        kill(pid, SIGKILL);
        while (waitpid(pid, &status, 0) == pid && !WIFSIGNALED(status))
            ;
        return true;
    }
}

static inline bool may_trace(void) {
    pid_t child = fork();
    int status;
    if (child == 0)
        _exit(ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0 ? 0 : 1);
    return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

#endif
