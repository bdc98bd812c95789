/* errno_text.c: texts of the kernel's error numbers. */
#include <stddef.h>

#include "base/errno_text.h"
#include "base/mem.h"

/* Strings of a fixed size: a table of pointers would need relocations at each start. */
static const struct {
	unsigned char number;
	char text[43];
} errors[] = {
	{1, "operation not permitted"},
	{2, "no such file or directory"},
	{4, "interrupted by a signal"},
	{5, "input/output error"},
	{6, "no such device or address"},
	{7, "argument list too long"},
	{8, "not an executable format"},
	{9, "bad file descriptor"},
	{11, "resource temporarily unavailable"},
	{12, "out of memory"},
	{13, "permission denied"},
	{14, "bad address"},
	{16, "device or resource busy"},
	{17, "file exists"},
	{19, "no such device, or it can't be mapped"},
	{20, "not a directory"},
	{21, "is a directory"},
	{22, "invalid argument"},
	{23, "too many open files in the system"},
	{24, "too many open files"},
	{26, "text file busy"},
	{27, "file too large"},
	{28, "no space left on device"},
	{29, "not seekable"},
	{30, "read-only file system"},
	{32, "broken pipe"},
	{34, "result does not fit"},
	{36, "file name too long"},
	{38, "system call not implemented"},
	{39, "directory not empty"},
	{40, "too many levels of symbolic links"},
	{61, "no data available"},
	{75, "value too large for its type"},
	{107, "transport endpoint is not connected"},
	{110, "timed out"},
	{111, "connection refused"},
	{112, "host is down"},
	{116, "stale file handle"},
	{117, "file system needs cleaning"},
	{121, "remote input/output error"},
	{122, "disk quota exceeded"},
	{126, "required key not available"},
	{129, "key was rejected"},
};

const char *errno_text(long negative_errno)
{
	for (size_t i = 0; i < COUNT(errors); i++)
		if (errors[i].number == -negative_errno)
			return errors[i].text;
	return "unknown error";
}
