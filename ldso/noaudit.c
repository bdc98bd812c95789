/* noaudit.c: replaces audit/ on machines whose calls the loader cannot tell auditors of. */
#include "audit/audit.h"

int audit_start(struct loader *ld)
{
	if (ld->config.mode == MODE_RUN && (ld->config.audit || ld->config.audit_option))
		print(2, "myld.so: warning: no auditor is loaded: not supported on %s\n",
			ARCH_NAME);
	return 0;
}

int audit_relocated(struct loader *ld)
{
	(void)ld;
	return 0;
}
