/* errno_text.c: texts of the kernel's error numbers, as glibc's strerror has them: programs look for
 * them in dlerror's text. */
#include <stddef.h>

#include "base/errno_text.h"
#include "base/mem.h"

/* Strings of a fixed size: a table of pointers would need relocations at each start. */
static const struct {
	unsigned char number;
	char text[43];
} errors[] = {
	{1, "Operation not permitted"},
	{2, "No such file or directory"},
	{4, "Interrupted system call"},
	{5, "Input/output error"},
	{6, "No such device or address"},
	{7, "Argument list too long"},
	{8, "Exec format error"},
	{9, "Bad file descriptor"},
	{11, "Resource temporarily unavailable"},
	{12, "Cannot allocate memory"},
	{13, "Permission denied"},
	{14, "Bad address"},
	{16, "Device or resource busy"},
	{17, "File exists"},
	{19, "No such device"},
	{20, "Not a directory"},
	{21, "Is a directory"},
	{22, "Invalid argument"},
	{23, "Too many open files in system"},
	{24, "Too many open files"},
	{26, "Text file busy"},
	{27, "File too large"},
	{28, "No space left on device"},
	{29, "Illegal seek"},
	{30, "Read-only file system"},
	{32, "Broken pipe"},
	{34, "Numerical result out of range"},
	{36, "File name too long"},
	{38, "Function not implemented"},
	{39, "Directory not empty"},
	{40, "Too many levels of symbolic links"},
	{61, "No data available"},
	{75, "Value too large for defined data type"},
	{107, "Transport endpoint is not connected"},
	{110, "Connection timed out"},
	{111, "Connection refused"},
	{112, "Host is down"},
	{116, "Stale file handle"},
	{117, "Structure needs cleaning"},
	{121, "Remote I/O error"},
	{122, "Disk quota exceeded"},
	{126, "Required key not available"},
	{129, "Key was rejected by service"},
};

const char *errno_text(long negative_errno)
{
	for (size_t i = 0; i < COUNT(errors); i++)
		if (errors[i].number == -negative_errno)
			return errors[i].text;
	return "Unknown error";
}
