/* place.c: a library that says which of its copies it is. */
#ifdef PRELOADED
const char *const preloaded = PLACE;
#else
const char *place(void)
{
	return PLACE;
}
#endif
