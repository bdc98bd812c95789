/* probe.h: static probes, which debuggers and tracers find by a note of their own (SystemTap,
 * "UserSpaceProbeImplementation").
 *
 * A probe is one nop.  The note in .note.stapsdt, which is not loaded, has its address, its name and
 * where its arguments are; and the address of .stapsdt.base, by which readers notice that the file was
 * laid out anew.
 */
#ifndef PROBE_H
#define PROBE_H

#define PROBE_BASE                                                                                 \
	".ifndef _.stapsdt.base\n"                                                                 \
	".pushsection .stapsdt.base,\"aGR\",\"progbits\",.stapsdt.base,comdat\n"                   \
	".weak _.stapsdt.base\n"                                                                   \
	".hidden _.stapsdt.base\n"                                                                 \
	"_.stapsdt.base: .space 1\n"                                                               \
	".size _.stapsdt.base, 1\n"                                                                \
	".popsection\n"                                                                            \
	".endif\n"

#define PROBE_NOTE(provider, name, arguments)                                                      \
	"990: nop\n"                                                                               \
	".pushsection .note.stapsdt,\"\",\"note\"\n"                                               \
	".balign 4\n"                                                                              \
	".4byte 992f - 991f, 994f - 993f, 3\n"                                                     \
	"991: .asciz \"stapsdt\"\n"                                                                \
	"992: .balign 4\n"                                                                         \
	"993: .8byte 990b, _.stapsdt.base, 0\n"                                                    \
	".asciz \"" provider "\"\n"                                                                \
	".asciz \"" name "\"\n"                                                                    \
	".asciz \"" arguments "\"\n"                                                               \
	"994: .balign 4\n"                                                                         \
	".popsection\n" PROBE_BASE

/* A probe with two, or three, arguments: words. */
#define PROBE2(provider, name, a, b)                                                               \
	__asm__ volatile(PROBE_NOTE(provider, name, "8@%0 8@%1")::"r"(a), "r"(b) : "memory")
#define PROBE3(provider, name, a, b, c)                                                            \
	__asm__ volatile(PROBE_NOTE(provider, name, "8@%0 8@%1 8@%2")::"r"(a), "r"(b), "r"(c)      \
			 : "memory")

#endif
