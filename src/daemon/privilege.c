// Giving up root (privilege.h). The order matters:
//
//   keep capabilities over setuid -> groups -> gid -> uid -> only CAP_NET_BIND_SERVICE -> no new
//   ones
#include "daemon/privilege.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/memory.h"

int privilege_find(const char *user, struct privilege *privilege)
{
    *privilege = (struct privilege){.user = geteuid(), .group = getegid()};
    if (!user)
        return 0;
    const struct passwd *entry = getpwnam(user);
    if (!entry)
        return -ENOENT;
    snprintf(privilege->name, sizeof privilege->name, "%s", entry->pw_name);
    privilege->user = entry->pw_uid;
    privilege->group = entry->pw_gid;
    if (privilege->user == geteuid())
        return 0;
    if (geteuid() != 0)
        return -EPERM;
    privilege->change = true;
    return 0;
}

static int keep_one_capability(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct sets[2] = {0};
    sets[0].effective = sets[0].permitted = 1u << CAP_NET_BIND_SERVICE;
    if (syscall(SYS_capset, &header, sets) == 0)
        return 0;
    // A container may have taken it from us: then we go on without any, and ports above 1023 work.
    sets[0].effective = sets[0].permitted = 0;
    return syscall(SYS_capset, &header, sets) == 0 ? 0 : -errno;
}

int privilege_drop(const struct privilege *privilege)
{
    if (!privilege->change)
        return 0;
    if (prctl(PR_SET_KEEPCAPS, 1) < 0 || initgroups(privilege->name, privilege->group) < 0 ||
        setresgid(privilege->group, privilege->group, privilege->group) < 0 ||
        setresuid(privilege->user, privilege->user, privilege->user) < 0)
        return -errno;
    int failed = keep_one_capability();
    if (failed)
        return failed;
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0;
}

static int make_parents(const char *path)
{
    char *copy = memory_copy_text(path);
    int failed = 0;
    for (char *slash = strchr(copy + 1, '/'); slash && !failed; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        if (mkdir(copy, 0755) < 0 && errno != EEXIST)
            failed = -errno;
        *slash = '/';
    }
    free(copy);
    return failed;
}

int privilege_make_folder(const char *path, const struct privilege *privilege)
{
    struct stat status;
    if (stat(path, &status) == 0)
        return S_ISDIR(status.st_mode) ? 0 : -ENOTDIR;
    if (errno != ENOENT)
        return -errno;
    int failed = path[0] ? make_parents(path) : -ENOENT;
    if (failed)
        return failed;
    if (mkdir(path, 0750) < 0)
        return -errno;
    if (privilege->change && chown(path, privilege->user, privilege->group) < 0)
        return -errno;
    return 1;
}
