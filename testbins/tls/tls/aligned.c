/* Three alignments, the largest above a page, in an image that is not a multiple of any. */
static __thread _Alignas(512) char small[5] = "five";
static __thread _Alignas(4096) char page[9] = "one page";
static __thread _Alignas(8192) char pages[10] = "two pages";

void *library_page(int which)
{
	return which == 0 ? small : which == 1 ? page : pages;
}
