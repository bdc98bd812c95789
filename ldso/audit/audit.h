/* audit.h: auditors (rtld-audit(7)), as the steps of a start call them.
 *
 * A machine without arch/MACHINE/audit.S leaves this folder out: ldso/noaudit.c defines these
 * functions then.
 */
#ifndef AUDIT_H
#define AUDIT_H

#include "state/loader.h"

/* Called when the program is mapped and nothing else is.  If LD_AUDIT, --audit or the program's
 * DT_AUDIT and DT_DEPAUDIT name auditors: sets up the libc, the first thread and its TLS, loads the
 * auditors, and returns with the loader's lock held and in PHASE_RUNNING.  An auditor that cannot be
 * used is told of on standard error.  -1: reported. */
int audit_start(struct loader *ld);

/* Called after audit_start() has set up a thread, when the program and its libraries are relocated:
 * completes their TLS and tells auditors of what was bound.  -1: reported. */
int audit_relocated(struct loader *ld);

#endif
